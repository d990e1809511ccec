#pragma once

#include <iosfwd>
#include <nlohmann/json.hpp>
#include <string>

#include "bench/contest.hpp"
#include "bench/machine.hpp"
#include "scorecard.hpp"

namespace cacheline::grader {

/// A bar for each contender of each benchmark, with the range between its quartiles, and what to
/// make of them in words.
void print_contest(std::ostream& out, const Exercise& exercise, const Contest& contest,
                   const Style& style);

/// What the bars of one benchmark say of "yours": a sentence. `ratio` is the share of the
/// reference's speed that the exercise asks for; 0: it asks for none.
std::string contest_verdict(const std::vector<Figure>& contenders, double ratio);

/// The same as a drawing to put on a page or a slide.
std::string contest_svg(const Exercise& exercise, const Contest& contest);

/// `name` is the exercise's.
nlohmann::ordered_json contest_json(const std::string& name, const Contest& contest,
                                    const Machine& machine, const std::string& date);

/// With a line for each figure, so that versions can be compared.
std::string recording_text(const nlohmann::ordered_json& contest);

/// Three significant digits: "0.0123", "1.23", "123", "12300".
std::string figure_text(double value);

}  // namespace cacheline::grader
