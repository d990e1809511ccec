#pragma once

#include <iosfwd>
#include <vector>

#include "grade.hpp"

namespace cacheline::grader {

struct Style {
    bool colour = false;
    bool unicode = false;
    std::size_t failures = 3;  ///< how many are told in full
    std::size_t width = 102;   ///< columns that a sentence may fill
};

/// The columns of the terminal on stdout; 102 where there is none.
std::size_t terminal_width();

/// What suits a stream that is a terminal or not, and the environment (NO_COLOR, TERM, LANG).
Style style_for(bool terminal);

/// Points and bars for each exercise and step, then the first failures with what was expected, what
/// came, why it matters and the hint to ask for.
void print_scorecard(std::ostream& out, const std::vector<ExerciseGrade>& grades,
                     const Style& style);

/// The bars of one exercise alone, without failures.
void print_bars(std::ostream& out, const ExerciseGrade& grade, const Style& style);

/// Where the student stands: the first step that lacks points, the first test case in it that does
/// not pass, with its why, or what the clock said. Nothing if all points are there.
void print_current_step(std::ostream& out, const ExerciseGrade& grade, const Style& style);

/// For an exercise that has just been completed.
void print_celebration(std::ostream& out, const ExerciseGrade& grade, const std::string& date,
                       const Style& style);

/// 2000 hundredths are "20", 1250 are "12.5", 1333 are "13.33": exact, as in every other report.
std::string points_text(int hundredths);

}  // namespace cacheline::grader
