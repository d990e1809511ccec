#include "commands/screen.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "catalog.hpp"
#include "files.hpp"

namespace cacheline::grader {

Screen::Screen() {
    if (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0 ||
        tcgetattr(STDIN_FILENO, &before_) != 0)
        throw UserError(
            "watch draws on a terminal, and there is none here. Grade once instead: "
            "./workbook EXERCISE");
    enter();
}

void Screen::enter() {
    termios raw = before_;
    // Ctrl-C comes as a key, so that the terminal is put back in order.
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    std::cout << "\033[?1049h\033[?25l\033[2J" << std::flush;
    entered_ = true;
}

void Screen::leave() {
    if (!entered_) return;
    std::cout << "\033[?25h\033[?1049l" << std::flush;
    tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    entered_ = false;
}

std::size_t columns_of(const std::string& line) {
    std::size_t columns = 0;
    bool colour = false;
    for (const char c : line) {
        if (c == '\033') colour = true;
        if (!colour && (c & 0xC0) != 0x80) ++columns;
        if (colour && c == 'm') colour = false;
    }
    return columns;
}

void Screen::draw(const std::string& body, const std::string& footer) const {
    winsize size{};
    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    const std::size_t width = std::max<std::size_t>(size.ws_col, 20);
    const std::size_t height = std::max<std::size_t>(size.ws_row, 5);
    std::string frame = "\033[H";
    std::size_t used = 0;
    for (const std::string& line : lines_of(body)) {
        const std::size_t rows = std::max<std::size_t>(1, (columns_of(line) + width - 1) / width);
        if (used + rows > height - 2) {
            frame += "… the window is too low for the rest\033[K\r\n";
            ++used;
            break;
        }
        used += rows;
        frame += line + "\033[K\r\n";
    }
    frame += "\033[J\033[" + std::to_string(height) + ";1H" + footer + "\033[K";
    std::cout << frame << std::flush;
}

char Screen::key() const {
    char c = 0;
    const ssize_t count = read(STDIN_FILENO, &c, 1);
    // VMIN and VTIME make read return 0 where there is no key; poll has said that there is one.
    if (count == 0) return 'q';
    if (count < 0) return '\0';
    return c == '\003' || c == '\004' ? 'q' : c;
}

}  // namespace cacheline::grader
