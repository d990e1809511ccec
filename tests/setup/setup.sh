# Sees to the packages; sourced by ./workbook. Debian 12 and 13 and Ubuntu 24.04 by their own names,
# other systems by what CMake finds or fetches.

# What grading needs.
grade_packages="g++ cmake ninja-build libbenchmark-dev libhwy-dev libcli11-dev nlohmann-json3-dev
    bubblewrap libarchive-tools"
# What the project's own tests need as well: the other compiler, the formatter, the libraries that
# the benchmarks compare with, and what the front doors are knocked at with: a terminal, an editor's
# engine, a reader of the workflows.
test_packages="$grade_packages clang clang-format clang-tidy patch libboost-dev libeigen3-dev
    libxsimd-dev libtbb-dev libjemalloc-dev libmimalloc-dev libgoogle-perftools-dev
    git tmux clangd python3-yaml shellcheck"

# What the site needs, and its tests; by their commands, since Node.js often comes from elsewhere.
# Ubuntu's chromium is no Debian package.
docs_packages() {
    have node || echo nodejs
    have npm || echo npm
    have chromium || [ "$(os_release VERSION_CODENAME)" = noble ] || echo chromium
}

# Catch2 3 is libcatch2-dev, but "catch2" in Ubuntu 24.04, and only in the backports of Debian 12.
catch2_package() {
    case $(os_release VERSION_CODENAME) in
        noble) echo catch2 ;;
        *) echo libcatch2-dev ;;
    esac
}

os_release() {
    [ ! -r /etc/os-release ] || (. /etc/os-release && eval "echo \"\${$1:-}\"")
}

have() {
    command -v "$1" >/dev/null 2>&1
}

installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# set_up grade|test|docs yes|no: returns when everything is there, or ends with what to do.
set_up() {
    case $1 in
        grade) packages=$grade_packages ;;
        test) packages="$test_packages $(docs_packages)" ;;
        docs) packages=$(docs_packages) ;;
    esac
    if ! have apt-get || ! have dpkg-query; then
        set_up_elsewhere
        return
    fi
    case $1 in
        # The runtimes of clang's sanitizers come apart from clang itself.
        test) packages="$packages $(clang_runtime_package)" ;;
    esac
    case $1 in
        grade | test) packages="$packages $(catch2_package)" ;;
    esac
    missing=
    for package in $packages; do
        installed "$package" || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0

    echo "To be installed with apt-get:$missing" >&2
    backports=
    case "$(os_release VERSION_CODENAME):$missing" in
        bookworm:*catch2*)
            if ! apt_source bookworm-backports >/dev/null; then
                backports=$(apt_source bookworm) ||
                    die "no apt source for bookworm is configured here, so the backports with Catch2 3 can't be found. Add one, then run this again."
                echo "Catch2 3 comes from bookworm-backports, which is added to apt's sources." >&2
            fi
            ;;
    esac
    consent "$2"
    become_root
    [ -z "$backports" ] || add_backports "$backports"
    apt_get update -q
    # shellcheck disable=SC2086 # a list of words
    apt_get install -yq --no-install-recommends $missing
}

# apt_get COMMAND…: waits while another has the lock, as the upgrades of a machine that has just
# started do. apt-get's own option for it leaves out the lists, which `update` writes.
apt_get() {
    for attempt in $(seq 60); do
        { apt_said=$($root env DEBIAN_FRONTEND=noninteractive LC_ALL=C \
            apt-get -o DPkg::Lock::Timeout=600 "$@" 2>&1 >&3) && return; } 3>&2
        case $apt_said in
            *"Could not get lock"*) ;;
            *) break ;;
        esac
        [ "$attempt" -gt 1 ] || echo "Another apt-get is at work; waiting for it…" >&2
        sleep "${SETUP_PAUSE:-5}"
    done
    printf '%s\n' "$apt_said" >&2
    die "apt-get $1 failed; its message is above. Is there a network?"
}

clang_runtime_package() {
    case $(os_release VERSION_CODENAME) in
        bookworm) echo libclang-rt-14-dev ;;
        noble) echo libclang-rt-18-dev ;;
        trixie) echo libclang-rt-19-dev ;;
    esac
}

set_up_elsewhere() {
    [ "$purpose" != docs ] || return 0 # docs/site.sh says what it lacks
    for tool in cmake ninja c++; do
        have "$tool" ||
            die "$tool is missing, and this system has no apt-get to install it with. Install CMake 3.25, Ninja and a C++20 compiler (GCC 12 or Clang 14) by your system's own means, then run this again; CMake fetches the libraries that it does not find."
    done
}

consent() {
    [ "$1" = yes ] && return
    [ -t 0 ] && [ -t 2 ] ||
        die "nothing was installed: there is no terminal to ask on. Run the same with --yes to install them."
    printf 'Install them now? [Y/n] ' >&2
    read -r answer
    case $answer in
        "" | [Yy]*) ;;
        *) die "nothing was installed." ;;
    esac
}

become_root() {
    root=
    [ "$(id -u)" = 0 ] && return
    have sudo || die "installing needs root, and there is no sudo here. Ask an administrator to install:$missing"
    root=sudo
}

# The address of the first configured source of a suite. Fails if there is none.
apt_source() {
    apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        sed -n "s/^$1 //p" | sed 1q | grep .
}

# The suite comes from the mirror that this machine uses already.
add_backports() {
    printf '%s\n' "Types: deb" "URIs: $1" "Suites: bookworm-backports" "Components: main" |
        $root tee /etc/apt/sources.list.d/cacheline-backports.sources >/dev/null
}
