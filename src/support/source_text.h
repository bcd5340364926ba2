// A text the user wrote, and places in it.
//
// Every declared thing keeps a Span, so that an error found much later (by PostgreSQL, during elaboration) can still be
// shown at its line and column. Files are kept whole in memory (64 MiB at most) and outlive every Span into them.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::support {

// Lines and columns count from 1; a column counts Unicode code points, as editors do.
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
  std::string_view line(std::size_t line_number) const;  // without its line end

 private:
  std::string name_;
  std::string text_;
  std::vector<std::size_t> line_starts_;
};

using SourcePtr = std::shared_ptr<const SourceText>;  // shared: spans of many objects refer to one file

// Half-open range of bytes. An empty `source` means "nowhere in particular".
struct Span {
  SourcePtr source;
  std::size_t begin = 0;
  std::size_t end = 0;

  explicit operator bool() const { return source != nullptr; }
  std::string_view text() const { return source ? source->text().substr(begin, end - begin) : std::string_view{}; }
  std::string place() const;  // "schemas/shop.schema:14:28", or empty
};

// Reads a file as it is. Throws UsageError naming the file: unreadable, over 64 MiB, or not UTF-8 (with the byte offset).
SourcePtr read_source(const std::string& path);

}  // namespace lockstep::support
