// accepted: lets find_first_of and find look for the bytes that matter
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <list>
#include <parse_errors.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cacheline {

class CsvReader {
public:
    explicit CsvReader(std::string_view text, char delimiter = ',')
        : text_(text), delimiter_(delimiter) {
        if (delimiter == '"' || delimiter == '\n' || delimiter == '\r')
            throw std::invalid_argument("bad delimiter");
        is_utf16_ = text_.starts_with("\xFF\xFE") || text_.starts_with("\xFE\xFF");
        if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
    }
    template <std::same_as<std::string> String>
    explicit CsvReader(String&&, char = ',') = delete;
    CsvReader(const CsvReader&) = delete;
    CsvReader& operator=(const CsvReader&) = delete;

    bool next() {
        fields_.clear();
        starts_.clear();
        if (at_ == text_.size()) return false;
        if (is_utf16_) throw CsvError({1, 1}, "UTF-16");
        const std::size_t record = at_;
        const std::size_t copied = copied_;
        try {
            while (read_field()) {
            }
        } catch (...) {
            at_ = record;
            copied_ = copied;
            fields_.clear();
            throw;
        }
        return true;
    }

    [[nodiscard]] std::size_t size() const { return fields_.size(); }
    [[nodiscard]] std::string_view operator[](std::size_t field) const { return fields_[field]; }

    [[nodiscard]] std::string_view at(std::size_t field) const {
        if (field >= fields_.size()) throw CsvError(where(0), "no such field");
        return fields_[field];
    }

    [[nodiscard]] CsvPosition where(std::size_t field) const { return position(starts_[field]); }
    [[nodiscard]] std::size_t bytes_copied() const { return copied_; }

private:
    // True where another field follows.
    bool read_field() {
        starts_.push_back(at_);
        if (at_ < text_.size() && text_[at_] == '"')
            fields_.push_back(quoted_field());
        else
            fields_.push_back(plain_field());
        if (at_ == text_.size()) return false;
        const char c = text_[at_++];
        if (c == '\r') ++at_;  // of CR LF
        return c == delimiter_;
    }

    bool at_line_end() const { return text_[at_] == '\n' || text_.substr(at_, 2) == "\r\n"; }

    std::string_view plain_field() {
        const std::size_t begin = at_;
        const char special[] = {delimiter_, '\n', '"'};
        at_ = std::min(text_.find_first_of(special, at_, 3), text_.size());
        if (at_ == text_.size()) return text_.substr(begin);
        if (text_[at_] == '"') throw CsvError(position(at_), "a quote in a plain field");
        if (text_[at_] == '\n' && at_ > begin && text_[at_ - 1] == '\r') --at_;
        return text_.substr(begin, at_ - begin);
    }

    std::string_view quoted_field() {
        const std::size_t opening = at_++;
        bool doubled = false;
        while ((at_ = text_.find('"', at_)) != text_.npos) {
            ++at_;
            if (at_ < text_.size() && text_[at_] == '"') {
                doubled = true;
                ++at_;
                continue;
            }
            if (at_ < text_.size() && text_[at_] != delimiter_ && !at_line_end())
                throw CsvError(position(at_), "text behind a quote");
            const std::string_view raw = text_.substr(opening + 1, at_ - opening - 2);
            return doubled ? unescaped(raw) : raw;
        }
        throw CsvError(position(opening), "unclosed quote");
    }

    std::string_view unescaped(std::string_view raw) {
        std::string& copy = copies_.emplace_back();
        for (std::size_t i = 0; i < raw.size(); ++i) {
            copy += raw[i];
            if (raw[i] == '"') ++i;
        }
        copied_ += copy.size();
        return copy;
    }

    CsvPosition position(std::size_t offset) const {
        CsvPosition where;
        for (const char c : text_.substr(0, offset)) {
            ++where.column;
            if (c == '\n') where = {where.line + 1, 1};
        }
        return where;
    }

    std::string_view text_;
    bool is_utf16_ = false;
    char delimiter_;
    std::size_t at_ = 0;
    std::size_t copied_ = 0;
    std::vector<std::string_view> fields_;
    std::vector<std::size_t> starts_;
    std::list<std::string> copies_;
};

}  // namespace cacheline
