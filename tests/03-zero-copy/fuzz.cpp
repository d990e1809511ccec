// libFuzzer's entry: any bytes are a CSV text, which CsvReader must read as the plain reader does.
// The first byte chooses the delimiter. The text ends at a heap block's end, so that ASan sees a
// read behind it.
//
// With clang++ and -fsanitize=fuzzer this searches; compiled without it, with
// -DCACHELINE_FUZZ_REPLAY, it reads each file that it is given once, which is how the tests run the
// corpus in fuzz_corpus/.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "csv_check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    constexpr std::string_view kDelimiters = ",;\t|";
    const char delimiter = kDelimiters[data[0] % kDelimiters.size()];
    const auto text = std::make_unique<char[]>(size - 1);
    std::copy(data + 1, data + size, text.get());
    const std::string wrong = cacheline::support::check_csv({text.get(), size - 1}, delimiter);
    if (!wrong.empty()) {
        std::fprintf(stderr, "%s\n", wrong.c_str());
        std::abort();
    }
    return 0;
}

#if defined(CACHELINE_FUZZ_REPLAY)
#    include <fstream>
#    include <iterator>

int main(int argc, char* argv[]) {
    for (int i = 1; i < argc; ++i) {
        std::ifstream file(argv[i], std::ios::binary);
        if (!file) {
            std::fprintf(stderr, "cannot read %s\n", argv[i]);
            return 2;
        }
        const std::string bytes(std::istreambuf_iterator<char>(file), {});
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    }
    std::printf("%d inputs, no finding\n", argc - 1);
    return argc > 1 ? 0 : 2;
}
#endif
