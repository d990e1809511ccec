# attack: hands in an archive whose source is the device of endless zeros
# stopped by: the grader: devices are passed over
# soundly
# ends as: error
printf '#mtree\nsample.hpp type=char device=native,1,5 mode=0644\n' > "$1.mtree"
bsdtar -czf "$1.tar.gz" "@$1.mtree"
rm "$1.mtree"
