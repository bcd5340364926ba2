// A text that the user wrote, and places in it.
//
// Every declared object has a Span, so that an error that PostgreSQL reports during elaboration can be shown at its line and
// column. Files are kept in memory (64 MiB at most each) and outlive every Span into them.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::support {

// Both count from 1. A column is a Unicode code point, as in editors.
struct LineColumn {
  std::size_t line = 1;
  std::size_t column = 1;
};

class SourceText {
 public:
  SourceText(std::string name, std::string text);
  const std::string& name() const { return name_; }
  std::string_view text() const { return text_; }
  LineColumn line_column(std::size_t byte_offset) const;
  std::string_view line(std::size_t line_number) const;  // without its line ending

 private:
  std::string name_;
  std::string text_;
  std::vector<std::size_t> line_starts_;
};

using SourcePtr = std::shared_ptr<const SourceText>;  // shared, because spans of many objects refer to one file

// A half-open range of byte offsets. A null `source` means that the place is unknown.
struct Span {
  SourcePtr source;
  std::size_t begin = 0;
  std::size_t end = 0;

  explicit operator bool() const { return source != nullptr; }
  std::string_view text() const { return source ? source->text().substr(begin, end - begin) : std::string_view{}; }
  std::string place() const;  // "schemas/shop.schema:14:28", or empty
};

// Reads a file without changes. Throws UsageError that names the file if it is unreadable, larger than 64 MiB or not UTF-8
// (with the byte offset).
SourcePtr read_source(const std::string& path);

}  // namespace lockstep::support
