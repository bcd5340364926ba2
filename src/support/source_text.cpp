#include "support/source_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <system_error>

#include "support/error.h"
#include "support/plain_file.h"
#include "support/utf8.h"

namespace lockstep::support {
namespace {

constexpr std::size_t kLargest = std::size_t{64} << 20;

std::string slurp(const std::string& path) {
  const PlainFile file(path);
  if (!file.failure().empty()) throw UsageError(fmt::format("can't read {}: {}", path, file.failure()));
  std::string text;
  std::string block(std::size_t{1} << 16, '\0');
  try {
    for (std::string_view piece = file.read(block); !piece.empty(); piece = file.read(block)) {
      text += piece;
      if (text.size() > kLargest) throw UsageError(fmt::format("{} is larger than 64 MiB: split it into several files", path));
    }
  } catch (const std::system_error& error) {
    throw UsageError(fmt::format("can't read {}: {}", path, error.code().message()));
  }
  return text;
}

}  // namespace

SourceText::SourceText(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)), line_starts_{0} {
  for (std::size_t i = text_.find('\n'); i != std::string::npos; i = text_.find('\n', i + 1)) line_starts_.push_back(i + 1);
}

LineColumn SourceText::line_column(std::size_t byte_offset) const {
  const std::size_t offset = std::min(byte_offset, text_.size());
  const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  const std::size_t start = *(after - 1);
  return {static_cast<std::size_t>(after - line_starts_.begin()),
          code_points(std::string_view(text_).substr(start, offset - start)) + 1};
}

std::string_view SourceText::line(std::size_t line_number) const {
  if (line_number == 0 || line_number > line_starts_.size()) return {};
  const std::size_t start = line_starts_[line_number - 1];
  std::string_view rest = std::string_view(text_).substr(start);
  rest = rest.substr(0, rest.find('\n'));
  if (!rest.empty() && rest.back() == '\r') rest.remove_suffix(1);
  return rest;
}

std::string Span::place() const {
  if (!source) return {};
  const LineColumn at = source->line_column(begin);
  return fmt::format("{}:{}:{}", source->name(), at.line, at.column);
}

SourcePtr read_source(const std::string& path) {
  std::string text = slurp(path);
  if (const auto bad = invalid_utf8(text)) {
    throw UsageError(
        fmt::format("{} is not UTF-8: byte 0x{:02x} at offset {}", path, static_cast<unsigned char>(text[*bad]), *bad));
  }
  return std::make_shared<SourceText>(path, std::move(text));
}

}  // namespace lockstep::support
