// What the parser's tests share: texts in, dumps out.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "parser/declared.h"
#include "parser/format.h"
#include "parser/reader.h"
#include "support/diagnostic.h"

namespace lockstep::parser {

struct Read {
  ast::File file;
  support::Diagnostics diagnostics;
};

inline Read read_text(const std::string& text) {
  Read result;
  result.file = read(std::make_shared<support::SourceText>("t.schema", text), result.diagnostics);
  return result;
}

// "1:7 LS0100 expected …", one line for each.
inline std::string errors(const support::Diagnostics& diagnostics) {
  std::string text;
  for (const auto& item : diagnostics.sorted()) {
    const auto at = item.span.source->line_column(item.span.begin);
    text += std::to_string(at.line) + ":" + std::to_string(at.column) + " " + item.code + " " + item.message;
    text += (item.hint.empty() ? "" : " [" + item.hint + "]") + "\n";
  }
  return text;
}

inline std::string dump(const ast::Node& node, std::size_t depth = 0) {
  std::string text = std::string(2 * depth, ' ') + (node.inlined ? "+" : "") + node.kind;
  for (const auto& name : node.name) text += " " + name.text;
  for (const auto& property : node.properties)
    text += " " + std::string(property.name) + "=" + catalog::to_string(property.value);
  text += "\n";
  for (const auto& child : node.children) text += dump(child, depth + 1);
  return text;
}

inline std::string dump(const ast::File& file) {
  std::string text;
  for (const auto& node : file.nodes) text += dump(node);
  return text;
}

inline std::string dump(const catalog::Catalog& catalog) {
  std::string text;
  for (const auto& object : catalog.objects()) {
    text += catalog::to_string(object.id);
    for (const auto& [name, value] : object.attributes) text += " " + std::string(name) + "=" + catalog::to_string(value);
    text += "\n";
  }
  return text;
}

struct Lowered {
  Declared declared;
  support::Diagnostics diagnostics;
};

inline Lowered lower_texts(const std::vector<std::string>& texts, const std::map<std::string, std::string>& variables = {}) {
  Lowered result;
  std::vector<ast::File> files;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string name = i == 0 ? "t.schema" : "t" + std::to_string(i) + ".schema";
    files.push_back(read(std::make_shared<support::SourceText>(name, texts[i]), result.diagnostics));
  }
  result.declared = lower(files, {}, variables, result.diagnostics);
  return result;
}

// The language as docs/kinds.md and the design's example show it, all of it.
extern const char* const kShopExample;
extern const char* const kEverything;

}  // namespace lockstep::parser
