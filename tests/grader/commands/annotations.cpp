// workbook-grade annotations GRADE.json: what GitHub's runner reads from a step's log, to mark the
// failures in the student's files.

#include <iostream>
#include <memory>

#include "commands/commands.hpp"
#include "files.hpp"
#include "reports/step_summary.hpp"

namespace cacheline::grader {

Subcommand annotations_command(CLI::App& app, const Setting& /*setting*/) {
    const auto file = std::make_shared<std::filesystem::path>();
    CLI::App& command =
        *app.add_subcommand("annotations", "Print a grade as annotations for GitHub");
    command.add_option("grade", *file, "A grade.json of a batch")->required();
    return {&command, [file] {
                const auto json = nlohmann::ordered_json::parse(read_file(*file), nullptr, false);
                if (!json.is_object()) throw UserError(file->string() + " holds no grade.");
                std::cout << workflow_annotations(student_grade_from_json(json));
            }};
}

}  // namespace cacheline::grader
