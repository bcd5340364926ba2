// Names, ${variables} and paths.
#include <algorithm>
#include <array>

#include "kinds/registry.h"
#include "parser/lowering.h"

namespace lockstep::parser {
namespace {

constexpr std::size_t kLongestName = 63;  // NAMEDATALEN - 1: PostgreSQL would truncate it with a notice

}  // namespace

// ${name} → its value; $${ → ${. An undefined variable is an error, not an empty text.
std::string Lowering::substitute(std::string_view text, const Span& span) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t dollar = text.find("${", at);
    if (dollar == std::string_view::npos) return result + std::string(text.substr(at));
    const bool escaped = dollar > at && text[dollar - 1] == '$';
    const std::size_t end = text.find('}', dollar);
    result += text.substr(at, dollar - at - (escaped ? 1 : 0));
    if (escaped || end == std::string_view::npos) {
      result += "${";
      at = dollar + 2;
      continue;
    }
    const std::string variable(text.substr(dollar + 2, end - dollar - 2));
    const auto found = variables_.find(variable);
    if (found == variables_.end()) {
      std::vector<std::string> known;
      for (const auto& [key, value] : variables_) known.push_back(key);
      const std::string near = support::nearest(variable, known);
      diagnostics_.error("LS0104", "variable \"" + variable + "\" is not defined", span,
                         near.empty() ? "define it under `variables:` in lockstep.yaml; a plain ${ is written $${"
                                      : "did you mean \"" + near + "\"?");
      return result;
    }
    result += found->second;
    at = end + 1;
  }
  return result;
}

Value Lowering::substitute(const ast::Property& property) {
  if (!property.replaceable) return property.value;
  if (const auto* text = std::get_if<std::string>(&property.value)) return substitute(*text, property.span);
  if (const auto* list = std::get_if<List>(&property.value)) {
    List result;
    for (const auto& text : *list) result.push_back(substitute(text, property.span));
    return result;
  }
  return property.value;
}

std::string Lowering::name(const ast::Identifier& identifier) {
  std::string result = substitute(identifier.text, identifier.span);
  if (result.size() > kLongestName) {
    diagnostics_.error("LS0206", "a name has at most 63 bytes in PostgreSQL; this one has " + std::to_string(result.size()),
                       identifier.span);
  }
  return result;
}

List Lowering::names(const ast::Node& node, std::string_view property) {
  const auto* found = node.find(property);
  return found == nullptr ? List{} : std::get<List>(substitute(*found));
}

Path Lowering::schema_path(const ast::Node& node, const Enclosing& around) {
  const std::string own = name(node.name.back());
  const std::string schema_name = node.name.size() == 2 ? name(node.name.front()) : around.schema;
  if (schema_name.empty()) {
    diagnostics_.error("LS0205", own + " is in no schema", node.name.back().span, "write it inside `schema x { … }`");
    return {};
  }
  if (!around.schema.empty() && schema_name != around.schema) {
    diagnostics_.error("LS0205", "this stands inside schema " + around.schema + " and can't be in schema " + schema_name,
                       node.name.front().span);
    return {};
  }
  return {schema_name, own};
}

// The object that `drop` or `protect` names, by the parts of its path that are written.
ObjectId Lowering::resolve(const ast::Node& node, const Enclosing& around) {
  std::string kind_name = std::get<std::string>(node.find("kind")->value);
  std::replace(kind_name.begin(), kind_name.end(), ' ', '_');
  const kinds::KindSpec* kind = kind_of(node, kind_name);
  if (kind == nullptr) return {};
  constexpr auto kOfRelation = std::to_array<std::string_view>({"column", "index", "trigger", "policy", "rule"});
  const bool of_relation = std::find(kOfRelation.begin(), kOfRelation.end(), kind_name) != kOfRelation.end();
  const auto* arguments = node.find("arguments");
  Path::Names path = names(node, "object");
  const std::size_t depth = kind_name == "schema" || kind->placement == kinds::Placement::database ? 1 : of_relation ? 3 : 2;
  if (of_relation && path.size() == 1 && around.object != nullptr && around.object->id.path.size() == 2) {
    path.insert(path.begin(), around.object->id.path.begin(), around.object->id.path.end());
  } else if (path.size() + 1 == depth && !around.schema.empty()) {
    path.insert(path.begin(), around.schema);
  }
  if (path.size() != depth) {
    diagnostics_.error("LS0205", "this name is not complete", node.find("object")->span,
                       of_relation ? "write table." + path.back() : "write schema." + path.back());
    return {};
  }
  if (arguments != nullptr) path.push_back(std::get<std::string>(arguments->value));
  return {&kind->tag, std::move(path)};
}

List Lowering::qualify(List parts_written, const std::string& schema_name, std::size_t parts) const {
  if (parts_written.size() + 1 == parts) parts_written.insert(parts_written.begin(), schema_name);
  return parts_written;
}

}  // namespace lockstep::parser
