// The formats of a document. A command makes a document, which is a value, finds the renderer by the name of --format, and prints
// what it returns. A format is a row in a file of its own (plan_markdown.cpp), and a name in the list of its document's header.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/console.h"
#include "cli/flags.h"

namespace lockstep::cli {

// What a renderer may know of the terminal. By default there is none.
struct Look {
  bool colour = false;
  bool verbose = false;
  std::size_t width = 80;
};
Look look_of(const Console& console);  // of stdout

template <typename Document>
struct Renderer {
  using Function = std::string (*)(const Document& document, const Look& look);

  std::string_view format;  // its name
  std::string_view note;    // what the help says of it, in parentheses
  Function text;
  // Shown as soon as it is known, while the rest of the document is still being made. Null: nothing is.
  Function early = nullptr;
  // For programs, to be printed byte by byte. Otherwise all that is more than text is escaped.
  bool exact = false;
  // The document contains what a person is told on stderr.
  bool complete = false;
};

// Of one document, the default first.
template <typename Document>
using Renderers = std::span<const Renderer<Document>* const>;

struct FormatName {
  std::string_view name, note;
};
// --format of one of these. The parser refuses any other, and lists them.
void declare_format(Flags app, std::string& format, const std::vector<FormatName>& formats);
// For a document that lacks a format which another document of the same command has.
[[noreturn]] void refuse_format(const std::string& format, const std::vector<FormatName>& formats);
// Escaped, unless it is for programs.
void print_text(const std::string& text, bool exact, const Console& console);

template <typename Document>
std::vector<FormatName> format_names(Renderers<Document> renderers) {
  std::vector<FormatName> names;
  for (const auto* renderer : renderers) names.push_back({renderer->format, renderer->note});
  return names;
}

template <typename Document>
void format_flag(Flags app, std::string& format, Renderers<Document> renderers) {
  declare_format(app, format, format_names(renderers));
}

// `format` empty: the default. Throws UsageError that lists the formats.
template <typename Document>
const Renderer<Document>& renderer_of(Renderers<Document> renderers, const std::string& format) {
  for (const auto* renderer : renderers)
    if (format.empty() || renderer->format == format) return *renderer;
  refuse_format(format, format_names(renderers));
}

template <typename Document>
void print(const Renderer<Document>& renderer, const Document& document, const Console& console) {
  print_text(renderer.text(document, look_of(console)), renderer.exact, console);
}

template <typename Document>
void print_early(const Renderer<Document>& renderer, const Document& document, const Console& console) {
  if (renderer.early != nullptr) print_text(renderer.early(document, look_of(console)), false, console);
}

}  // namespace lockstep::cli
