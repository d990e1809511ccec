#include "outline.hpp"

#include "scorecard.hpp"
#include "text.hpp"

namespace cacheline::grader {
namespace {

// What a student can still read; a hostile message may be of any length.
constexpr std::size_t kLongest = 2000;
constexpr std::size_t kMostNotes = 10;

std::string readable(const std::string& text) {
    return printable(clipped(text, kLongest));
}

Explanation readable(const Explanation& explanation) {
    Explanation result{.what = readable(explanation.what),
                       .expected = readable(explanation.expected),
                       .got = readable(explanation.got),
                       .why = readable(explanation.why),
                       .where = readable(explanation.where)};
    for (const std::string& note : explanation.notes) {
        if (result.notes.size() == kMostNotes) break;
        result.notes.push_back(readable(note));
    }
    return result;
}

Mark mark_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::passed:
            return Mark::passed;
        case Verdict::failed:
        case Verdict::todo:
            return Mark::failed;
        case Verdict::skipped:
            return Mark::skipped;
        case Verdict::crashed:
        case Verdict::timed_out:
        case Verdict::not_built:
        case Verdict::error:
            return Mark::error;
    }
    return Mark::error;
}

Mark mark_of(Pace pace) {
    switch (pace) {
        case Pace::fast_enough:
            return Mark::passed;
        case Pace::too_slow:
            return Mark::failed;
        case Pace::inconclusive:
        case Pace::not_measured:
            return Mark::skipped;
    }
    return Mark::skipped;
}

Item item_of(const CaseGrade& one) {
    const BuildRun& run = one.decisive();
    Item item{.name = readable(one.name),
              .mark = mark_of(run.verdict),
              .attempted = run.verdict != Verdict::todo && run.verdict != Verdict::not_built,
              .verdict = std::string(to_string(run.verdict)),
              .explanation = readable(run.explanation)};
    if (item.mark != Mark::passed && run.build != "release")
        item.verdict += ", in the " + readable(run.build) + " build";
    return item;
}

Item item_of(const SpeedGrade& speed) {
    Item item{
        .name = readable(speed.name),
        .mark = mark_of(speed.pace),
        .verdict = std::string(to_string(
            speed.pairs == 0 && speed.pace == Pace::too_slow ? Pace::not_measured : speed.pace))};
    std::string& what = item.explanation.what;
    if (speed.pairs != 0) {
        const auto percent = [](double ratio) {
            return points_text(static_cast<int>(ratio * 100 + 0.5) * 100) + "%";
        };
        what = percent(speed.ratio) + " of the reference's speed (" + percent(speed.low) + " to " +
               percent(speed.high) + ")";
    }
    if (!speed.reason.empty()) what += (what.empty() ? "" : "; ") + readable(speed.reason);
    return item;
}

}  // namespace

std::string Item::text() const {
    std::string text = "verdict:  " + verdict + "\n";
    const auto line = [&](const char* label, const std::string& value) {
        if (!value.empty()) text += label + value + "\n";
    };
    line("what:     ", explanation.what);
    line("expected: ", explanation.expected);
    line("got:      ", explanation.got);
    line("why:      ", explanation.why);
    line("where:    ", explanation.where);
    for (const std::string& note : explanation.notes)
        line("note:     ", note);
    return text;
}

std::vector<Item> items_of(const StepGrade& step) {
    std::vector<Item> items;
    for (const CaseGrade& one : step.cases)
        items.push_back(item_of(one));
    for (const SpeedGrade& speed : step.speeds)
        items.push_back(item_of(speed));
    if (!step.audit.empty())
        items.push_back({.name = "replay audit",
                         .mark = Mark::failed,
                         .verdict = "failed, and the step has no points",
                         .explanation = {.what = readable(step.audit)}});
    return items;
}

std::string failures_text(const StepGrade& step) {
    std::string text;
    for (const Item& item : items_of(step))
        if (item.mark != Mark::passed)
            text += (text.empty() ? "" : "\n") + item.name + "\n" + item.text();
    return text;
}

std::string flag_text(const Flag& flag) {
    std::string text = flag.attack ? "attack: " : "";
    if (!flag.exercise.empty()) text += readable(flag.exercise) + ": ";
    if (!flag.file.empty()) {
        text += readable(flag.file);
        if (flag.line > 0) text += ":" + std::to_string(flag.line);
        text += ": ";
    }
    return text + readable(flag.what);
}

std::string attacks_text(const std::vector<Flag>& flags) {
    std::string text;
    for (const Flag& flag : flags)
        if (flag.attack) text += flag_text(flag) + "\n";
    return text;
}

}  // namespace cacheline::grader
