#include "bench/contest_report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>

#include "reports/text.hpp"

namespace cacheline::grader {

namespace {

constexpr std::size_t kBarCells = 40;
// Two round trips this many times apart are two modes of the machine.
constexpr double kSameMode = 1.6;

struct Group {
    std::string name;
    std::string arguments;
    std::vector<Figure> contenders;

    [[nodiscard]] std::string title() const {
        return arguments.empty() ? name : name + ", " + arguments;
    }
};

// The plain way, you, the reference, then everyone else by the alphabet.
int rank(const std::string& who) {
    const std::string base = who.substr(0, who.find('-'));
    if (base == "baseline") return 0;
    if (base == "yours") return 1;
    return base == "reference" ? 2 : 3;
}

std::vector<Group> grouped(const std::vector<Figure>& figures) {
    std::vector<Group> groups;
    for (const Figure& figure : figures) {
        auto group = std::ranges::find_if(groups, [&](const Group& known) {
            return known.name == figure.name.name && known.arguments == figure.name.arguments;
        });
        if (group == groups.end())
            group = groups.insert(groups.end(), {figure.name.name, figure.name.arguments, {}});
        group->contenders.push_back(figure);
    }
    for (Group& group : groups)
        std::ranges::stable_sort(group.contenders, [](const Figure& a, const Figure& b) {
            return std::pair(rank(a.name.who), a.name.who) <
                   std::pair(rank(b.name.who), b.name.who);
        });
    return groups;
}

double longest(const std::vector<Figure>& figures) {
    double most = 0;
    for (const Figure& figure : figures)
        most = std::max(most, figure.q3);
    return most > 0 ? most : 1;
}

std::size_t length_of(const std::string& text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t width, bool right = false) {
    const std::size_t length = length_of(text);
    const std::string space(width > length ? width - length : 0, ' ');
    return right ? space + text : text + space;
}

// Full up to the first quartile, shaded up to the third.
std::string bar(const Figure& figure, double most, const Style& style) {
    const auto cell = [&](double value) {
        return static_cast<std::size_t>(std::lround(value / most * static_cast<double>(kBarCells)));
    };
    const std::size_t median = std::max(cell(figure.median), std::size_t{1});
    const std::size_t q1 = std::min(cell(figure.q1), median - 1);
    const std::size_t q3 = std::max(cell(figure.q3), median);
    std::string text;
    for (std::size_t i = 0; i < kBarCells; ++i) {
        if (i + 1 == median)
            text += style.unicode ? "┃" : "|";
        else if (i < q1)
            text += style.unicode ? "█" : "#";
        else if (i < q3)
            text += style.unicode ? "▒" : "-";
        else
            text += ' ';
    }
    return text;
}

const Figure* find(const std::vector<Figure>& contenders, const std::string& who) {
    const auto found = std::ranges::find_if(
        contenders, [&](const Figure& figure) { return figure.name.who == who; });
    return found == contenders.end() ? nullptr : &*found;
}

// How many times as fast `a` is as `b`.
double speed_ratio(const Figure& a, const Figure& b) {
    return a.unit.higher_is_better ? a.median / b.median : b.median / a.median;
}

bool overlap(const Figure& a, const Figure& b) {
    return a.q1 <= b.q3 && b.q1 <= a.q3;
}

std::string times_text(double ratio) {
    char text[32];
    std::snprintf(text, sizeof text, ratio < 10 ? "%.2f" : "%.0f", ratio);
    return text;
}

double wanted_ratio(const Exercise& exercise, const std::string& benchmark) {
    for (const Step& step : exercise.steps)
        if (step.benchmark == benchmark) return step.ratio;
    return 0;
}

}  // namespace

std::string figure_text(double value) {
    char text[32];
    if (value == 0) return "0";
    const int digits = 2 - static_cast<int>(std::floor(std::log10(std::fabs(value))));
    std::snprintf(text, sizeof text, "%.*f", std::clamp(digits, 0, 9), value);
    return text;
}

std::string contest_verdict(const std::vector<Figure>& contenders, double ratio) {
    const Figure* const yours = find(contenders, "yours");
    const Figure* const reference = find(contenders, "reference");
    const Figure* const baseline = find(contenders, "baseline");
    if (yours == nullptr || reference == nullptr) return {};
    const double share = speed_ratio(*yours, *reference);
    std::string text;
    if (overlap(*yours, *reference))
        text = "No difference from the reference that these runs show";
    else
        text = (share >= 1 ? "Faster than the reference, " : "Slower than the reference, ") +
               times_text(share) + " times its speed";
    if (baseline != nullptr)
        text += "; " + times_text(speed_ratio(*yours, *baseline)) + " times the baseline's";
    const auto best = std::ranges::max_element(contenders, {}, [](const Figure& figure) {
        return figure.unit.higher_is_better ? figure.median : -figure.median;
    });
    if (rank(best->name.who) == 3) text += "; the fastest is " + best->name.who;
    text += ".";
    if (ratio > 0)
        text += " The points for speed ask for " + times_text(ratio) + " times the reference's" +
                (share < ratio ? ": not yet." : ".");
    return text;
}

void print_contest(std::ostream& out, const Exercise& exercise, const Contest& contest,
                   const Style& style) {
    const auto paint = [&](const char* code, const std::string& text) {
        return style.colour ? std::string("\033[") + code + "m" + text + "\033[0m" : text;
    };
    const auto colour_of = [](const std::string& who) {
        switch (rank(who)) {
            case 1:
                return "32";
            case 2:
                return "36";
            default:
                return "2";
        }
    };
    out << '\n' << paint("1", exercise.name.substr(0, 2) + "  " + exercise.title) << "\n\n";
    std::size_t width = 9;
    for (const Figure& figure : contest.figures)
        width = std::max(width, figure.name.who.size());
    for (const Group& group : grouped(contest.figures)) {
        const Unit& unit = group.contenders.front().unit;
        out << paint("1", group.title())
            << paint("2", ", " + unit.name + (unit.higher_is_better ? ", more" : ", less") +
                              " is better")
            << '\n';
        const double most = longest(group.contenders);
        for (const Figure& figure : group.contenders)
            out << "    " << padded(figure.name.who, width + 2)
                << paint(colour_of(figure.name.who), bar(figure, most, style))
                << padded(figure_text(figure.median), 9, true) << "  "
                << paint("2", figure_text(figure.q1) + " to " + figure_text(figure.q3)) << '\n';
        const std::string verdict =
            contest_verdict(group.contenders, wanted_ratio(exercise, group.name));
        if (!verdict.empty()) out << "    " << verdict << '\n';
        out << '\n';
    }
    if (!contest.yours_error.empty())
        out << "There are no bars for your file: " << contest.yours_error << "\n\n";
    if (contest.round_trip_ns > 0) {
        out << "A cache line went to the other core and back in "
            << figure_text(contest.round_trip_ns) << " ns";
        if (contest.most_round_trip > kSameMode * contest.least_round_trip)
            out << ", but in " << figure_text(contest.least_round_trip) << " to "
                << figure_text(contest.most_round_trip)
                << " ns over the runs: the machine moved its cores, and figures of two threads\n"
                   "spread with it";
        out << ".\n";
    }
    if (!contest.figures.empty())
        out << "Medians of " << contest.figures.front().runs
            << (contest.figures.front().runs == 1 ? " run" : " runs")
            << " in fresh processes; from the shade's start to its end lie the quartiles.\n";
}

std::string contest_svg(const Exercise& exercise, const Contest& contest) {
    constexpr int kLeft = 170;
    constexpr int kWidth = 420;
    constexpr int kRow = 22;
    const std::vector<Group> groups = grouped(contest.figures);
    std::string body;
    int y = 50;
    const auto number = [](double value) {
        char text[32];
        std::snprintf(text, sizeof text, "%.1f", value);
        return std::string(text);
    };
    for (const Group& group : groups) {
        const Unit& unit = group.contenders.front().unit;
        const double most = longest(group.contenders);
        body += "<text class=\"benchmark\" x=\"10\" y=\"" + std::to_string(y) + "\">" +
                escape_markup(group.title() + ", " + unit.name +
                              (unit.higher_is_better ? ", more is better" : ", less is better")) +
                "</text>\n";
        for (const Figure& figure : group.contenders) {
            y += kRow;
            const double scale = kWidth / most;
            const std::string middle = std::to_string(y - 5);
            body += "<g class=\"who" + std::to_string(rank(figure.name.who)) +
                    "\"><text x=\"160\" y=\"" + std::to_string(y) + "\" text-anchor=\"end\">" +
                    escape_markup(figure.name.who) + "</text><rect x=\"" + std::to_string(kLeft) +
                    "\" y=\"" + std::to_string(y - 12) + "\" width=\"" +
                    number(figure.median * scale) + "\" height=\"14\"/><path d=\"M" +
                    number(kLeft + figure.q1 * scale) + " " + middle + "H" +
                    number(kLeft + figure.q3 * scale) + "\"/><text x=\"" +
                    number(kLeft + figure.q3 * scale + 8) + "\" y=\"" + std::to_string(y) + "\">" +
                    figure_text(figure.median) + "</text></g>\n";
        }
        y += 2 * kRow;
    }
    const std::string height = std::to_string(y);
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 680 " + height +
           "\" role=\"img\" font-family=\"sans-serif\" font-size=\"13\">\n<style>"
           "text{fill:#222}.benchmark{font-weight:bold}rect{fill:#9aa4b2}.who1 rect{fill:#2e8b57}"
           ".who2 rect{fill:#2f6fb0}path{stroke:#222;stroke-width:2}"
           "@media(prefers-color-scheme:dark){text{fill:#ddd}path{stroke:#eee}}</style>\n"
           "<title>" +
           escape_markup(exercise.title) + "</title>\n<text x=\"10\" y=\"24\" font-size=\"16\">" +
           escape_markup(exercise.title) + "</text>\n" + body + "</svg>\n";
}

nlohmann::ordered_json contest_json(const std::string& name, const Contest& contest,
                                    const Machine& machine, const std::string& date) {
    using Json = nlohmann::ordered_json;
    Json caches = Json::array();
    for (const Cache& cache : machine.caches)
        caches.push_back({{"level", cache.level}, {"bytes", cache.bytes}, {"type", cache.type}});
    // More digits than the clock can tell apart are noise in a file under version control.
    const auto rounded = [](double value) {
        char text[32];
        std::snprintf(text, sizeof text, "%.4g", value);
        return std::stod(text);
    };
    Json benchmarks = Json::array();
    for (const Group& group : grouped(contest.figures))
        for (const Figure& figure : group.contenders)
            benchmarks.push_back({{"name", figure.name.name},
                                  {"arguments", figure.name.arguments},
                                  {"who", figure.name.who},
                                  {"unit", figure.unit.name},
                                  {"higher_is_better", figure.unit.higher_is_better},
                                  {"median", rounded(figure.median)},
                                  {"q1", rounded(figure.q1)},
                                  {"q3", rounded(figure.q3)},
                                  {"runs", figure.runs}});
    return {{"exercise", name},
            {"recorded", date},
            {"machine",
             {{"cpu", machine.cpu},
              {"cores", machine.cores},
              {"caches", caches},
              {"compiler", machine.compiler},
              {"round_trip_ns", rounded(contest.round_trip_ns)}}},
            {"benchmarks", benchmarks}};
}

std::string recording_text(const nlohmann::ordered_json& contest) {
    nlohmann::ordered_json head = contest;
    head.erase("benchmarks");
    std::string text = head.dump(2);
    text.resize(text.rfind("\n}"));
    text += ",\n  \"benchmarks\": [";
    const char* between = "\n    ";
    for (const auto& figure : contest.at("benchmarks")) {
        text += between + figure.dump();
        between = ",\n    ";
    }
    return text + "\n  ]\n}\n";
}

}  // namespace cacheline::grader
