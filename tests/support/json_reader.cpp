#include "support/json_reader.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace cacheline::support {

namespace {

void flatten(const nlohmann::json& value, const std::string& path,
             std::map<std::string, std::string>& flat) {
    if (value.is_structured() && !value.empty()) {
        std::size_t index = 0;
        for (const auto& [key, inner] : value.items())
            flatten(inner, path + '/' + (value.is_array() ? std::to_string(index++) : key), flat);
    } else if (value.is_structured()) {
        flat[path] = value.is_array() ? "[]" : "{}";
    } else {
        flat[path] = value.is_string() ? value.get<std::string>() : value.dump();
    }
}

}  // namespace

std::map<std::string, std::string> read_json(std::string_view text) {
    std::map<std::string, std::string> flat;
    try {
        flatten(nlohmann::json::parse(text), "", flat);
    } catch (const nlohmann::json::exception& error) {
        throw std::runtime_error(error.what());
    }
    return flat;
}

}  // namespace cacheline::support
