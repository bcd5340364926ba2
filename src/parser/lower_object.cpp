// Lowers one object of any kind: its path, its attributes by the kind's table, its intents.
#include <algorithm>
#include <array>

#include "catalog/keys.h"
#include "kinds/registry.h"
#include "parser/literals.h"
#include "parser/lowering.h"
#include "support/sql_text.h"

namespace lockstep::parser {
namespace {

using kinds::ValueType;
using support::Diagnostic;
using support::Severity;

// Properties of the language itself, which are read elsewhere and are no attributes.
constexpr auto kLanguageOnly =
    std::to_array<std::string_view>({"renamed_from", "backfill", "backfill_query", "without_triggers", "convert", "convert_back",
                                     "partial", "index_columns", "index_include", "index_with", "index_where", "method",
                                     "check_option", "operator", "user", "provider", "value_renamed", "map"});
// Attributes of some kinds, and part of the path or of another attribute for others.
constexpr auto kElsewhere = std::to_array<std::string_view>({"arguments", "server", "nulls_not_distinct"});

template <class Names>
bool listed(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Keywords for PostgreSQL's default; the attribute is then absent.
struct Default {
  std::string_view attribute, word;
};
constexpr Default kDefaults[] = {{"volatility", "volatile"}, {"parallel", "unsafe"},     {"command", "all"},
                                 {"match", "simple"},        {"on_update", "no action"}, {"on_delete", "no action"},
                                 {"storage", "default"},     {"compression", "default"}, {"replica_identity", "default"},
                                 {"access_method", "heap"}};

bool is_default(std::string_view attribute, const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr && std::any_of(std::begin(kDefaults), std::end(kDefaults),
                                        [&](const Default& row) { return row.attribute == attribute && row.word == *text; });
}

bool fits(ValueType type, const Value& value) {
  switch (type) {
    case ValueType::boolean:
      return std::holds_alternative<bool>(value);
    case ValueType::integer:
      return std::holds_alternative<std::int64_t>(value);
    case ValueType::text:
      return std::holds_alternative<std::string>(value);
    case ValueType::list:
      return std::holds_alternative<List>(value);
  }
  return false;
}

// All spellings mean one of three things.
std::string deferrable(const std::string& words) {
  if (words.find("initially deferred") != std::string::npos) return "deferrable initially deferred";
  return words.find("not deferrable") == std::string::npos && words.find("deferrable") != std::string::npos ? "deferrable" : "";
}

Value normal(std::string_view attribute, Value value) {
  if (is_default(attribute, value)) return {};
  auto* text = std::get_if<std::string>(&value);
  if (text != nullptr && attribute == keys::kDeferrable.name) *text = deferrable(*text);
  if (text != nullptr && attribute == keys::kReplicaIdentity.name && text->substr(0, 6) == "using ") text->erase(0, 6);
  if (text != nullptr && text->empty() && attribute != keys::kBody.name && attribute != keys::kArguments.name &&
      attribute != keys::kText.name && attribute != "label")
    return {};
  auto* roles = std::get_if<List>(&value);
  if (roles != nullptr && attribute == keys::kRoles.name && std::find(roles->begin(), roles->end(), "public") != roles->end())
    return {};
  return value;
}

}  // namespace

const kinds::KindSpec* Lowering::kind_of(const ast::Node& node, std::string_view kind_name) {
  if (const auto* kind = kinds::find(kind_name)) return kind;
  std::string words(kind_name);
  std::replace(words.begin(), words.end(), '_', ' ');
  diagnostics_.error("LS0190", words + " is not supported yet", node.span);
  return nullptr;
}

Object* Lowering::add(const kinds::KindSpec& kind, Path path, std::optional<ObjectId> parent, const Span& head) {
  ObjectId id{&kind.tag, std::move(path)};
  if (const auto known = by_id_.find(id); known != by_id_.end()) {
    Diagnostic twice{Severity::error, "LS0201", catalog::to_string(id) + " is declared twice", head, {}, {}};
    twice.notes.push_back({"the other declaration is here", result_.places[id].head});
    diagnostics_.add(std::move(twice));
    return nullptr;
  }
  objects_.push_back(Object{id, std::move(parent), {}});
  Object* made = &objects_.back();
  place_of(*made).head = head;
  by_id_.emplace(std::move(id), made);
  return made;
}

Object* Lowering::object(const ast::Node& node, const kinds::KindSpec& kind, Path path, std::optional<ObjectId> parent) {
  Object* result = add(kind, std::move(path), std::move(parent), node.span);
  if (result == nullptr) return nullptr;
  attributes(node, *result);
  intent(node, result->id);
  owner(*result);
  return result;
}

void Lowering::attributes(const ast::Node& node, Object& object) {
  const kinds::KindSpec& kind = kinds::of(object.id);
  // A routine's body is read according to its language, since texts mean something else in C.
  const auto by_language = [](const ast::Property& property) { return property.name == "body"; };
  for (const bool last : {false, true}) {
    for (const auto& property : node.properties) {
      if (by_language(property) != last || listed(kLanguageOnly, property.name)) continue;
      if (listed(kElsewhere, property.name) && kinds::attribute(kind, property.name) == nullptr) continue;
      set_checked(object, property.name, normal(property.name, translated(property, object)), property.span);
    }
  }
  if (const auto* check = node.find("check_option")) {
    const bool local = std::get<std::string>(check->value).find("local") != std::string::npos;
    List options = object.get(keys::kOptions);
    options.push_back(local ? "check_option=local" : "check_option=cascaded");
    object.set(keys::kOptions.name, std::move(options));
  }
  properties(node, object);
}

// `(name = value, …)`: the attribute's type tells how the value is read.
void Lowering::properties(const ast::Node& node, Object& object) {
  for (const auto& child : node.children) {
    if (child.kind != "property") continue;
    const auto& written = child.find("value") != nullptr ? *child.find("value") : *child.find("list");
    std::string attribute_name = std::get<std::string>(child.find("name")->value);
    if (attribute_name == "multirange_type_name") attribute_name = "multirange";
    const auto* spec = kinds::attribute(kinds::of(object.id), attribute_name);
    const std::string text(written.span.text());
    Value value = text;
    if (spec != nullptr && spec->type == ValueType::list && written.name == "list") value = written.value;
    if (spec != nullptr && spec->type == ValueType::boolean) value = lower_case(text) == "true";
    if (spec != nullptr && spec->type == ValueType::text && !spec->expression && text.back() == '\'')
      value = decode_text(text).value_or(text);
    set_checked(object, attribute_name, std::move(value), spec == nullptr ? child.find("name")->span : written.span);
  }
}

// Attributes are stated right after their object is added, so the last look-up is remembered.
Place& Lowering::place_of(const Object& object) {
  if (last_ != &object) {
    last_ = &object;
    last_place_ = &result_.places[object.id];
  }
  return *last_place_;
}

void Lowering::set_checked(Object& object, std::string_view attribute_name, Value value, const Span& span) {
  const kinds::KindSpec& kind = kinds::of(object.id);
  const auto* spec = kinds::attribute(kind, attribute_name);
  if (spec == nullptr) {
    std::vector<std::string> known;
    for (const auto& row : kind.attributes) known.emplace_back(row.name);
    const std::string near = support::nearest(attribute_name, known);
    std::string words(attribute_name), kind_words(kind.tag.name);
    std::replace(words.begin(), words.end(), '_', ' ');
    std::replace(kind_words.begin(), kind_words.end(), '_', ' ');
    diagnostics_.error("LS0203", "a " + kind_words + " has no " + words, span,
                       near.empty() ? "" : "did you mean \"" + near + "\"?");
    return;
  }
  if (catalog::is_absent(value)) return;
  if (!fits(spec->type, value)) {
    diagnostics_.error("LS0204", "this is no value of \"" + std::string(attribute_name) + "\"", span);
    return;
  }
  if (const Value& known = object.value(spec->name); !catalog::is_absent(known) && known != value) {
    Diagnostic twice{Severity::error,
                     "LS0202",
                     catalog::to_string(object.id) + " says \"" + std::string(attribute_name) + "\" twice, differently",
                     span,
                     {},
                     {}};
    twice.notes.push_back({"the other value is here", place_of(object).attributes[std::string(attribute_name)]});
    diagnostics_.add(std::move(twice));
    return;
  }
  object.set(spec->name, std::move(value));
  place_of(object).attributes[std::string(attribute_name)] = span;
}

void Lowering::owner(Object& object) {
  if (default_owner_.empty() || object.has(kinds::kOwner)) return;
  if (kinds::attribute(kinds::of(object.id), kinds::kOwner.name) != nullptr) object.set(kinds::kOwner.name, default_owner_);
}

void Lowering::intent(const ast::Node& node, const ObjectId& id) {
  catalog::Intent intent;
  bool any = false;
  const auto text = [&](std::string_view property) -> std::optional<std::string> {
    const auto* found = node.find(property);
    if (found == nullptr) return std::nullopt;
    any = true;
    if (!intent.span) intent.span = found->span;
    return std::get<std::string>(found->value);
  };
  intent.renamed_from = names(node, "renamed_from");
  if (const auto* renamed = node.find("renamed_from")) intent.span = renamed->span;
  intent.backfill = text("backfill");
  intent.convert = text("convert");
  intent.convert_back = text("convert_back");
  if (const auto* triggers = node.find("without_triggers")) {
    diagnostics_.error("LS0190", "a backfill without triggers is not supported yet", triggers->span,
                       "leave it out: the table's triggers fire for every row that is filled");
  }
  intent.map = map(node, id);
  if (const auto* mapped = node.find("map"); mapped != nullptr && !intent.span) intent.span = mapped->span;
  if (const auto* query = node.find("backfill_query")) {
    diagnostics_.error("LS0190", "a backfill by query is not supported yet", query->span,
                       "write it as an expression: backfill (…)");
  }
  if (const auto* renamed = node.find("value_renamed")) {
    diagnostics_.error("LS0190", "renaming enum values is not supported yet", renamed->span,
                       "`map 'old' to 'new'` after the values converts the rows that have the old one");
  }
  if (any || !intent.renamed_from.empty() || !intent.map.empty()) result_.intents[id] = std::move(intent);
}

}  // namespace lockstep::parser
