// What a user can fix in a file: collected, never thrown, all of a run reported together.
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
  // Sorted by file, then place; equal ones once.
  std::vector<Diagnostic> sorted() const;

 private:
  std::vector<Diagnostic> list_;
};

// "file:14:28: error LS0107: message", the source line, a caret line, notes and hint. Plain text, ends with a newline.
std::string render(const Diagnostic& diagnostic);

// The candidate nearest to `word` (edit distance at most a third of its length), or empty: for "did you mean".
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace lockstep::support
