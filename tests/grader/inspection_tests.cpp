// The inspection: it takes sources apart as the compiler does, sees what hides, and accuses nobody
// who is honest.

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "inspection.hpp"
#include "source_text.hpp"

using namespace cacheline::grader;

namespace {

// The tokens' texts, literals in quotes.
std::string tokens(const std::string& source) {
    std::string all;
    for (const Token& token : tokens_of(source)) {
        const bool literal = token.kind == Token::Kind::literal;
        all += (all.empty() ? "" : " ") + (literal ? '"' + token.text + '"' : token.text);
    }
    return all;
}

bool attack(const std::string& source) {
    return std::ranges::any_of(inspect_text("a.hpp", source), &Flag::attack);
}

}  // namespace

TEST_CASE("a source is taken apart as the compiler does it") {
    CHECK(tokens("int x = 1'000 + 0x1p-3;") == "int x = 1'000 + 0x1p-3 ;");
    CHECK(tokens("a // b\nc /* d\n e */ f") == "a c f");
    CHECK(tokens("a // b \\\n c\nd") == "a d");
    CHECK(tokens("ma\\\nin(\\ \n)") == "main ( )");
    CHECK(tokens("/\\\n/ hidden\nseen") == "seen");
    CHECK(tokens(R"("a" "b" "c\"d")") == R"("abc\"d")");
    CHECK(tokens("R\"x(a)\" // )x\" b") == "\"a)\" // \" b");
    CHECK(tokens("FOOR\"(\" a \")\"") == "FOOR \"(\" a \")\"");
    CHECK(tokens("u8R\"(a\\\nb)\"") == "\"a\\\nb\"");
    CHECK(tokens("u'\"' a '\"'") == "\"\"\" a \"\"\"");
    CHECK(tokens("%:define A <: :> <% %> %:%:") == "# define A [ ] { } ##");
    CHECK(tokens("std::x [[gnu::y]]") == "std :: x [[ gnu :: y ]]");
    CHECK(tokens("'unfinished\nnext") == "\"unfinished\" next");
    CHECK(tokens("\"unfinished") == "\"unfinished\"");
    CHECK(tokens("R\"(unfinished") == "\"unfinished\"");
    CHECK(tokens("/* unfinished").empty());
    CHECK(tokens("").empty());
    CHECK(tokens_of("a\n\\\nb\n/*\n*/ c").back().line == 5);
}

TEST_CASE("directives are known by the first sign of a line") {
    const std::vector<Token> all = tokens_of("  /* x */ # include \\\n <a>\na # b\n");
    CHECK(std::ranges::count(all, true, &Token::directive) == 5);
}

TEST_CASE("what has no honest use is an attack, however it is written") {
    const char* const source = GENERATE(
        "int main() {}", "int\n\n main /**/ ( ) {}", "ma\\\nin();", "auto main() -> int {}",
        "namespace Catch { int x; }", "using namespace Catch;", "Ca\\\ntch::Session x;",
        "TEST_CASE(\"x\") {}", "#define CHECK(x)", "#undef REQUIRE", "%:define private public",
        "# /* */ define class struct", "#ifdef CATCH_CONFIG_MAIN\n#endif",
        "#if defined(__SANITIZE_ADDRESS__)\n#endif", "#ifdef BENCHMARK_BENCHMARK_H_\n#endif",
        "#include_next <vector>", "#line 1 \"/usr/include/x\"", "# 1 \"/usr/include/x\" 3",
        "%: 7 \"x\"", "#ident \"x\"", "#pragma GCC system_header", "#pragma redefine_extname a b",
        "#pragma weak main=x", "__attribute__((constructor)) void f();",
        "[[gnu::constructor]] void f();", "__attribute__((__constructor__(101))) void f();",
        "__attribute__((section(\".init_array\"))) int x;",
        "[[gnu::no_sanitize(\"thread\")]] void f();",
        "__attribute__((no_sanitize_address)) void f();",
        "#pragma clang attribute push(__attribute__((no_sanitize(\"address\"))), "
        "apply_to=function)",
        "void __asan_unregister_globals();", "extern \"C\" void __tsan_acquire(void*);",
        "namespace cacheline::support { int x; }", "auto x = cacheline::support::kAsan;",
        "asm volatile(\"syscall\");", "asm(\".incbin \\\"x\\\"\");", "asm(\"nop\\n\\tsyscall\");",
        "__asm__ __volatile__ (\".byte 15, 5\");", "int f() asm(\"clock_gettime\");",
        "auto* f = \"/proc/self/mem\";", "auto* f = \"/pr\" \"oc/self\";",
        "auto* f = R\"(/proc/self/exe)\";", "getenv(\"CACHELINE_\" \"SEED\");",
        "puts(\"::error::x\");", "// \u202e hidden", "int a\u200bb;");
    INFO(source);
    CHECK(attack(source));
}

TEST_CASE("what an honest solution may say is no attack") {
    const char* const source = GENERATE(
        "// int main() { Catch::x; } #define CHECK", "/* TEST_CASE(\"x\") */ int x;",
        "const char* x = \"int main() and TEST_CASE(1)\";", "domain(); remain(x); int main_index;",
        "try {} catch (...) {}", "#define RING_BUFFER_HPP\n#ifndef NDEBUG\n#endif", "#pragma once",
        "#pragma GCC unroll 8", "#include <vector>\n#include \"block_pool.hpp\"",
        "[[nodiscard]] [[gnu::always_inline, gnu::hot]] int f();", "struct alignas(64) A {};",
        "asm volatile(\"\" ::: \"memory\");", "asm volatile(\"pause\");", "if (x) asm(\"nop\");",
        "__asan_poison_memory_region(p, n);", "char32_t c = U'\\u202e';",
        "#if __cplusplus > 202002L\n#endif",
        "// caf\u00e9, \u4e2d\u6587, \u0645\u0631\u062d\u0628\u0627",
        "int support = 0; support += 1;",
        "template <typename... A> void f(A&&... a) { (g(a), ...); }", "#\n#error \"no\"");
    INFO(source);
    CHECK_FALSE(attack(source));
}

TEST_CASE("nothing is too long to be inspected") {
    const std::string source =
        GENERATE("int" + std::string(250'000, ' ') + "main() {}", std::string(250'000, '('),
                 std::string(250'000, 'a'), "\"" + std::string(250'000, '\\'),
                 "/*" + std::string(250'000, '*'), std::string(250'000, '\n') + "int main() {}",
                 "#define" + std::string(250'000, ' ') + "x", "R\"" + std::string(250'000, '('));
    CHECK(attack(source) == (source.find("main") != std::string::npos));
}
