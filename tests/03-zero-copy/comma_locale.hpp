#pragma once

#include <array>
#include <clocale>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <locale>
#include <string>
#include <string_view>

namespace cacheline::support {

/// While one lives, the program's locale writes a comma where C has a decimal point, for C's
/// functions and for C++'s streams. It brings its own, since few machines have one installed.
class CommaLocale {
public:
    CommaLocale()
        : streams_(std::locale::global(std::locale(std::locale::classic(), new Comma))),
          functions_(std::setlocale(LC_NUMERIC, nullptr)) {
        const char* const temporary = std::getenv("TMPDIR");
        std::string folder = std::string(temporary != nullptr ? temporary : "/tmp") + "/XXXXXX";
        if (mkdtemp(folder.data()) == nullptr) return;
        write_compiled(folder);
        setenv("LOCPATH", folder.c_str(), 1);
        std::setlocale(LC_NUMERIC, "comma");
        unsetenv("LOCPATH");
        std::filesystem::remove_all(folder);
    }

    ~CommaLocale() {
        std::locale::global(streams_);
        std::setlocale(LC_NUMERIC, functions_.c_str());
    }

    CommaLocale(const CommaLocale&) = delete;
    CommaLocale& operator=(const CommaLocale&) = delete;

private:
    struct Comma : std::numpunct<char> {
        char do_decimal_point() const override { return ','; }
    };

    // glibc's compiled form (locale/loadlocale.c): a magic number, the number of elements, where
    // each starts, and the elements: point, separator and grouping of the thousands, the first two
    // as wide characters, the code set.
    static void write_compiled(const std::string& folder) {
        using namespace std::string_view_literals;
        const auto elements = std::array{",\0\0\0"sv, "\0\0\0\0"sv, "\0\0\0\0"sv,
                                         ",\0\0\0"sv, "\0\0\0\0"sv, "UTF-8\0"sv};
        std::string head;
        std::string body;
        const auto add = [&head](std::size_t number) {
            const auto word = static_cast<std::uint32_t>(number);
            head.append(reinterpret_cast<const char*>(&word), sizeof word);
        };
        add(0x20031115U ^ static_cast<std::uint32_t>(LC_NUMERIC));
        add(elements.size());
        for (const std::string_view element : elements) {
            add((2 + elements.size()) * 4 + body.size());
            body.append(element);
        }
        std::filesystem::create_directories(folder + "/comma");
        std::ofstream(folder + "/comma/LC_NUMERIC", std::ios::binary) << head << body;
    }

    std::locale streams_;
    std::string functions_;
};

}  // namespace cacheline::support
