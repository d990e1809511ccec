#pragma once

#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>

namespace cacheline::grader {

/// As much of JSON Schema (draft 2020-12) as docs/grade.schema.json uses. A keyword that it does
/// not know is a fault, so that no part of a schema is passed over in silence.
class JsonSchema {
public:
    using json = nlohmann::ordered_json;

    explicit JsonSchema(json schema) : root_(std::move(schema)) {}

    /// The first fault with its place, or nothing.
    std::string fault(const json& value) const { return fault(value, root_, "$"); }

private:
    std::string fault(const json& value, const json& schema, const std::string& at) const {
        for (const auto& [keyword, rule] : schema.items()) {
            std::string found = check(value, schema, keyword, rule, at);
            if (!found.empty()) return found;
        }
        return "";
    }

    std::string check(const json& value, const json& schema, const std::string& keyword,
                      const json& rule, const std::string& at) const {
        static const std::set<std::string> notes{"$schema", "title", "description", "$defs"};
        if (notes.contains(keyword)) return "";
        if (keyword == "$ref")
            return fault(value, root_.at(json::json_pointer(rule.get<std::string>().substr(1))),
                         at);
        bool holds = false;
        if (keyword == "type")
            holds = has_type(value, rule);
        else if (keyword == "const")
            holds = value == rule;
        else if (keyword == "enum")
            holds = std::find(rule.begin(), rule.end(), value) != rule.end();
        else if (keyword == "minimum")
            holds = !value.is_number() || value >= rule;
        else if (keyword == "pattern")
            holds = !value.is_string() || std::regex_search(value.get<std::string>(),
                                                            std::regex(rule.get<std::string>()));
        else if (keyword == "minItems")
            holds = !value.is_array() || value.size() >= rule.get<std::size_t>();
        else if (keyword == "maxItems")
            holds = !value.is_array() || value.size() <= rule.get<std::size_t>();
        else if (keyword == "required")
            holds = std::all_of(rule.begin(), rule.end(), [&](const json& key) {
                return value.contains(key.get<std::string>());
            });
        else if (keyword == "additionalProperties")
            return rule == false ? no_others(value, schema.at("properties"), at)
                                 : at + ": unsupported additionalProperties";
        else if (keyword == "properties")
            return each_property(value, rule, at);
        else if (keyword == "items")
            return each_item(value, rule, at);
        else
            return at + ": unsupported keyword " + keyword;
        return holds ? "" : at + ": " + keyword + " " + rule.dump();
    }

    static bool has_type(const json& value, const std::string& type) {
        return (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
               (type == "string" && value.is_string()) || (type == "number" && value.is_number()) ||
               (type == "boolean" && value.is_boolean()) ||
               (type == "integer" && value.is_number_integer());
    }

    static std::string no_others(const json& value, const json& known, const std::string& at) {
        for (const auto& [key, item] : value.items())
            if (!known.contains(key)) return at + ": unknown property " + key;
        return "";
    }

    std::string each_property(const json& value, const json& rules, const std::string& at) const {
        for (const auto& [key, rule] : rules.items()) {
            if (!value.contains(key)) continue;
            std::string found = fault(value.at(key), rule, at + "." + key);
            if (!found.empty()) return found;
        }
        return "";
    }

    std::string each_item(const json& value, const json& rule, const std::string& at) const {
        for (std::size_t i = 0; i < value.size(); ++i) {
            std::string found = fault(value.at(i), rule, at + "[" + std::to_string(i) + "]");
            if (!found.empty()) return found;
        }
        return "";
    }

    json root_;
};

}  // namespace cacheline::grader
