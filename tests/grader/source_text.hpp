#pragma once

#include <string>
#include <string_view>

namespace cacheline::grader {

/// A C++ source taken apart, so that a search in code does not find what a comment says. Both parts
/// have the text's length and lines: what belongs to the other is blank.
class SourceText {
public:
    explicit SourceText(std::string_view text);

    /// Everything but comments and the insides of literals.
    [[nodiscard]] const std::string& code() const { return code_; }
    /// The insides of string and character literals.
    [[nodiscard]] const std::string& literals() const { return literals_; }

private:
    std::string code_;
    std::string literals_;
};

}  // namespace cacheline::grader
