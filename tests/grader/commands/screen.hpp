#pragma once

#include <termios.h>

#include <cstddef>
#include <string>

namespace cacheline::grader {

/// The terminal as a page that is redrawn in place: a screen of its own, keys one by one, no echo.
/// Leaves the terminal as it was when it is destroyed.
class Screen {
public:
    /// Throws UserError where stdin or stdout is no terminal.
    Screen();
    ~Screen() { leave(); }
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    /// Shows `body` from the top and `footer` in the last line. Only what differs changes before
    /// the eye: nothing is cleared first. What does not fit is cut, with a word on it.
    void draw(const std::string& body, const std::string& footer) const;

    /// The next key; '\0' if there is none, 'q' for Ctrl-C and for the end of the input.
    [[nodiscard]] char key() const;

    /// Gives the terminal back while another program has it.
    void leave();
    void enter();

private:
    termios before_{};
    bool entered_ = false;
};

/// The columns that a line takes: colours take none, and a character of several bytes takes one.
std::size_t columns_of(const std::string& line);

}  // namespace cacheline::grader
