// Problems that a user can fix in a file. They are collected, not thrown, and all of a run are reported together.
#pragma once

#include <string>
#include <vector>

#include "support/source_text.h"

namespace lockstep::support {

enum class Severity { error, warning };

struct Note {
  std::string message;
  Span span;
};

struct Diagnostic {
  Severity severity = Severity::error;
  std::string code;     // "LS0107"; the list is docs/diagnostics.md
  std::string message;  // "column \"totl\" does not exist"
  Span span;
  std::vector<Note> notes;
  std::string hint;
};

class Diagnostics {
 public:
  void error(std::string code, std::string message, Span span, std::string hint = {});
  void warning(std::string code, std::string message, Span span, std::string hint = {});
  void add(Diagnostic diagnostic) { list_.push_back(std::move(diagnostic)); }
  bool has_errors() const;
  bool empty() const { return list_.empty(); }
  // Sorted by file, then by place, without duplicates.
  std::vector<Diagnostic> sorted() const;

 private:
  std::vector<Diagnostic> list_;
};

// "file:14:28: error LS0107: message", the source line, a line with a caret, notes and the hint. Plain text that ends with a
// newline.
std::string render(const Diagnostic& diagnostic);

// The candidate nearest to `word`, for "did you mean". Empty if the edit distance is more than a third of the word's length.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace lockstep::support
