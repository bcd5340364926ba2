#include "recipes/conversion.h"

#include <algorithm>
#include <array>
#include <optional>

#include "catalog/keys.h"
#include "recipes/arbiter.h"
#include "recipes/null_test.h"
#include "recipes/relation.h"
#include "recipes/row_check.h"
#include "recipes/tags.h"
#include "recipes/time_zones.h"
#include "recipes/widens.h"
#include "support/sql_text.h"

namespace lockstep::recipes {

using catalog::List;
using support::quote_identifier;

namespace {

bool is_enum(const ObjectId& column, const Catalog& side) {
  const auto index = side.index_of(column);
  if (!index) return false;
  const auto& edges = side.edges_from(*index);
  return std::any_of(edges.begin(), edges.end(), [&](const auto& edge) { return side.at(edge.referenced).id.is(*kEnum); });
}

const catalog::Intent* intent_of(const ObjectId& column, const Context& context) {
  const auto found = context.intents.find(column);
  return found == context.intents.end() ? nullptr : &found->second;
}

const std::string* convert_of(const ObjectId& column, const Context& context) {
  const auto* intent = intent_of(column, context);
  return intent != nullptr && intent->convert ? &*intent->convert : nullptr;
}

// There is no cast between two enums, so values are converted by name.
bool by_name(const ObjectId& column, const Context& context) {
  return is_enum(column, context.from) && is_enum(column, context.to);
}

bool is_written_out(const ObjectId& column, const Context& context) {
  return context.probes.contains(cast_written_out(column)) || by_name(column, context);
}

// The column's type, or that of its elements, if this plan creates it. No check can refer to it before.
const Object* new_type(const Object& column, const Context& context) {
  for (const auto& edge : context.to.edges_from(*context.to.index_of(column.id))) {
    const Object& used = context.to.at(edge.referenced);
    const std::string name = support::qualified(used.id.path), type = column.get(keys::kType);
    if ((type == name || type == name + "[]") && context.is_new(used.id)) return &used;
  }
  return nullptr;
}

// Whether its type belongs to an extension that this plan creates.
bool comes_with_extension(const Object& column, const Context& context) {
  const auto& edges = context.to.edges_from(*context.to.index_of(column.id));
  return std::any_of(edges.begin(), edges.end(), [&](const auto& edge) {
    const ObjectId& used = context.to.at(edge.referenced).id;
    return used.is(*kExtension) && context.is_new(used);
  });
}

// Whether the column keeps its type, the type is recreated, and the author states how the values are converted.
bool is_carried(const ObjectId& column, const Context& context) {
  const Object *before = context.from.find(column), *after = context.to.find(column);
  return before != nullptr && after != nullptr && !context.is_new(column) && convert_of(column, context) != nullptr &&
         before->get(keys::kType) == after->get(keys::kType) && new_type(*after, context) != nullptr;
}

// The same for a domain over an existing type: the type that the values have in between.
std::optional<std::string> carried_base(const ObjectId& column, const Context& context) {
  if (!is_carried(column, context) || !intent_of(column, context)->convert_before) return std::nullopt;
  const Object& after = *context.to.find(column);
  const Object& type = *new_type(after, context);
  const bool itself = type.id.is(*kDomain) && support::qualified(type.id.path) == after.get(keys::kType);
  if (!itself || new_type(type, context) != nullptr) return std::nullopt;
  return type.get(keys::kType);
}

bool is_retyped(const ObjectId& column, const Context& context) {
  if (context.is_new(column) || !context.to.contains(column)) return false;
  return retype_probe(column, context) != nullptr || is_carried(column, context);
}

// The expression after USING, explicit or implied: the column's new value for a row.
std::string converted(const Object& to, const Context& context) {
  const std::string type = to.get(keys::kType), name = quote_identifier(to.id.path[2]);
  if (const auto base = carried_base(to.id, context)) return "(" + *intent_of(to.id, context)->convert_before + ")::" + *base;
  if (const auto* convert = convert_of(to.id, context)) return "(" + *convert + ")::" + type;
  return name + (by_name(to.id, context) ? "::text::" : "::") + type;
}

// The row after the conversion: a subquery of one row over the row's own columns, under the table's name. Absent: a part of it
// is not known yet.
std::optional<std::string> converted_row(const ObjectId& relation, const Context& context) {
  const std::string alias = quote_identifier(relation.path[1]);
  std::vector<std::string> columns;
  for (const auto child : context.to.children(*context.to.index_of(relation))) {
    const Object& column = context.to.at(child);
    if (!column.id.is(*kColumn) || column.has(keys::kGenerated) || !context.from.contains(column.id)) continue;
    const std::string name = quote_identifier(column.id.path[2]);
    const bool unknown =
        comes_with_extension(column, context) || (new_type(column, context) != nullptr && !carried_base(column.id, context));
    if (is_retyped(column.id, context) && unknown) return std::nullopt;
    columns.push_back((is_retyped(column.id, context) ? converted(column, context) : alias + "." + name) + " AS " + name);
  }
  if (columns.empty()) return std::nullopt;
  return "(SELECT " + support::join(columns, ", ") + ") AS " + alias;
}

// The same where only values of enums are mapped. A key may be compared by the text of the values.
std::optional<std::string> mapped_row(const ObjectId& relation, bool as_text, const Context& context) {
  const std::string alias = quote_identifier(relation.path[1]);
  std::vector<std::string> columns;
  for (const auto child : context.to.children(*context.to.index_of(relation))) {
    const Object& column = context.to.at(child);
    if (!column.id.is(*kColumn) || column.has(keys::kGenerated) || !context.from.contains(column.id)) continue;
    const auto* intent = intent_of(column.id, context);
    const std::string name = quote_identifier(column.id.path[2]);
    const bool mapped = intent != nullptr && intent->mapped;
    if (mapped && !intent->convert_before && !(as_text && is_enum(column.id, context.from))) return std::nullopt;
    columns.push_back((!mapped                  ? alias + "." + name
                       : intent->convert_before ? *intent->convert_before
                                                : "(" + *intent->convert + ")") +
                      " AS " + name);
  }
  return "(SELECT " + support::join(columns, ", ") + ") AS " + alias;
}

bool uses_column(const Object& object, const ObjectId& column, const Catalog& catalog) {
  const auto& edges = catalog.edges_from(*catalog.index_of(object.id));
  return std::any_of(edges.begin(), edges.end(), [&](const auto& edge) { return catalog.at(edge.referenced).id == column; });
}

// Whether everything that it is computed from exists already.
bool stands(const Object& object, const Context& context) {
  const auto& edges = context.to.edges_from(*context.to.index_of(object.id));
  return std::all_of(edges.begin(), edges.end(), [&](const auto& edge) {
    const Object& used = context.to.at(edge.referenced);
    return (used.id == *object.parent || !context.is_new(used.id)) && !(used.id.is(*kColumn) && used.has(keys::kGenerated));
  });
}

// The same before the plan, where an enum that is recreated has at least the values that it has after it.
bool stands_before(const Object& object, const Context& context) {
  const auto& edges = context.to.edges_from(*context.to.index_of(object.id));
  return std::all_of(edges.begin(), edges.end(), [&](const auto& edge) {
    const Object& used = context.to.at(edge.referenced);
    const bool kept = used.id.is(*kEnum) && context.from.contains(used.id);
    return (used.id == *object.parent || kept || !context.is_new(used.id)) &&
           !(used.id.is(*kColumn) && used.has(keys::kGenerated));
  });
}

// Types that truncate in an explicit cast and raise an error in an assignment cast.
bool has_length(const std::string& type) {
  constexpr std::array<std::string_view, 4> kWithLength = {"character varying(", "character(", "bit varying(", "bit("};
  return std::any_of(kWithLength.begin(), kWithLength.end(), [&](auto prefix) { return type.starts_with(prefix); });
}

class Trial {
 public:
  Trial(const Object& from, const Object& to, const Context& context)
      : from_(from), to_(to), context_(context), relation_(relation_of(to.id)), type_(to.get(keys::kType)) {}

  std::vector<plan::DataCheck> run() {
    if (const Object* type = new_type(to_, context_)) {
      if (convert_of(to_.id, context_) == nullptr && support::qualified(type->id.path) == type_) converts_to_new(*type);
      return std::move(checks_);
    }
    converts();
    if (to_.get(keys::kNotNull) && !again_ && convert_of(to_.id, context_) != nullptr) {
      ask("convert using leaves no row of " + relation_name(to_.id) + " without a value in " + name(),
          converted(to_, context_) + " IS NULL");
    }
    return run_rows();
  }

  std::vector<plan::DataCheck> run_again() {
    again_ = true;
    std::vector<plan::DataCheck> checks = run();
    for (plan::DataCheck& check : checks) check.upfront = false;
    return checks;
  }

  std::vector<plan::DataCheck> run_in_hold() {
    in_hold_ = true;
    return run();
  }

  // Checks that the converted rows satisfy what is declared.
  std::vector<plan::DataCheck> run_rows() {
    if (const auto row = converted_row(relation_, context_)) {
      for (const auto child : context_.to.children(*context_.to.index_of(relation_))) look_at(context_.to.at(child), *row);
    }
    return std::move(checks_);
  }

  std::vector<plan::DataCheck> run_mapped() {
    const auto typed = mapped_row(relation_, false, context_), text = mapped_row(relation_, true, context_);
    for (const auto child : context_.to.children(*context_.to.index_of(relation_))) {
      const Object& object = context_.to.at(child);
      if (text && is_key(object)) look_at(object, *text);
      if (typed && object.id.is(*kCheck) && !object.has(keys::kValid) && uses_column(object, to_.id, context_.to) &&
          stands_before(object, context_))
        look_at_check(object, *typed);
    }
    return std::move(checks_);
  }

 private:
  std::string name() const { return quote_identifier(to_.id.path[2]); }

  static bool is_key(const Object& object) {
    return object.id.is(*kUnique) || object.id.is(*kPrimaryKey) || (object.id.is(*kIndex) && is_plain_unique(object));
  }

  void look_at_check(const Object& check, const std::string& row) {
    ask("every row of " + relation_name(to_.id) + " satisfies CHECK (" + check.get(keys::kExpression) + ") once it is converted",
        "EXISTS (SELECT FROM " + row + " WHERE NOT (" + check.get(keys::kExpression) + "))");
  }

  void ask(std::string rule, const std::string& condition) {
    checks_.push_back(row_check(relation_, std::move(rule), condition, true, context_));
  }

  void converts() {
    const std::string old = from_.get(keys::kType), value = converted(to_, context_);
    const std::string what = "every value of " + relation_name(to_.id) + "." + name() + " converts to " + type_;
    if (const auto* convert = convert_of(to_.id, context_)) {
      // Evaluates the expression for every row and is true for none.
      std::string condition = "pg_catalog.num_nulls(" + value + ") < 0";
      if (has_length(type_)) condition = cut("(" + *convert + ")", value, type_);
      ask("convert using gives " + relation_name(to_.id) + "." + name() + " a value of type " + type_ + " in every row",
          condition);
    } else if (is_written_out(to_.id, context_) && !in_hold_) {
      const std::string back = by_name(to_.id, context_) ? "(" + value + ")::text::" + old : "(" + value + ")::" + old;
      ask(what + " and back (say otherwise: convert using)", differs(back, name(), old));
    } else if (widens(old, type_)) {
      return;
    } else if (has_length(type_)) {
      ask(what + " without being cut (say otherwise: convert using)", cut(name(), value, type_));
    } else {
      ask(what, "pg_catalog.num_nulls(" + value + ") < 0");
    }
  }

  // The values that the new type accepts are known from its declaration. For types of other kinds the step itself finds what
  // doesn't fit, and rolls back.
  void converts_to_new(const Object& type) {
    const std::string what = "every value of " + relation_name(to_.id) + "." + name() + " converts to " + type_;
    if (type.id.is(*kEnum)) {
      std::vector<std::string> labels;
      for (const auto& label : type.get(keys::kValues)) labels.push_back(support::quote_literal(label));
      if (!labels.empty()) ask(what, name() + "::text NOT IN (" + support::join(labels, ", ") + ")");
    }
    if (!type.id.is(*kDomain) || new_type(type, context_) != nullptr) return;
    const std::string base = type.get(keys::kType), value = name() + "::" + base, old = from_.get(keys::kType);
    ask(what + " and back (say otherwise: convert using)", differs("(" + value + ")::" + old, name(), old));
    if (type.get(keys::kNotNull)) ask("no value of " + relation_name(to_.id) + "." + name() + " is null", name() + " IS NULL");
    for (const auto child : context_.to.children(*context_.to.index_of(type.id))) {
      const Object& constraint = context_.to.at(child);
      if (!constraint.has(keys::kExpression) || constraint.has(keys::kValid) || !stands(constraint, context_)) continue;
      ask("every value of " + relation_name(to_.id) + "." + name() + " obeys " + catalog::to_string(constraint.id),
          "EXISTS (SELECT FROM (SELECT " + value + ") AS lockstep_domain (value) WHERE NOT (" +
              constraint.get(keys::kExpression) + "))");
    }
  }

  void look_at(const Object& object, const std::string& row) {
    const std::string table = relation_name(to_.id);
    if (object.id.is(*kUnique) || object.id.is(*kPrimaryKey)) {
      if (!object.get(keys::kWithoutOverlaps)) look_at_key(object.get(keys::kColumns), row);
      return;
    }
    if (object.id.is(*kIndex) && is_plain_unique(object)) return look_at_key(indexed_columns(object, context_.to), row);
    if (!uses_column(object, to_.id, context_.to) || !stands(object, context_)) return;
    if (object.id.is(*kCheck) && !object.has(keys::kValid)) look_at_check(object, row);
    if (object.id.is(*kColumn) && object.has(keys::kGenerated) && !object.get(keys::kInherited)) {
      const std::string value = "(" + object.get(keys::kGenerated) + ")::" + object.get(keys::kType);
      const bool required = object.get(keys::kNotNull);
      ask("the generated column " + table + "." + quote_identifier(object.id.path[2]) + " can be computed in every row",
          "EXISTS (SELECT FROM " + row + " WHERE " +
              (required ? is_null(value, object.get(keys::kType)) : "pg_catalog.num_nulls(" + value + ") < 0") + ")");
    }
  }

  // Two distinct values may be equal after the conversion.
  void look_at_key(const List& columns, const std::string& row) {
    if (again_ || std::find(columns.begin(), columns.end(), to_.id.path[2]) == columns.end()) return;
    if (convert_of(to_.id, context_) == nullptr && widens(from_.get(keys::kType), type_)) return;  // they stay distinct
    std::vector<std::string> names, present;
    for (const auto& column : columns) {
      if (!context_.from.contains({kColumn, {relation_.path[0], relation_.path[1], column}})) return;
      names.push_back("lockstep_row." + quote_identifier(column));
      present.push_back(names.back() + " IS DISTINCT FROM NULL");
    }
    const std::string list = support::join(names, ", "), alias = quote_identifier(relation_.path[1]);
    const std::string rows = "FROM " + support::qualified(relation_.path) + " AS " + alias + ", LATERAL (SELECT * FROM " + row +
                             ") AS lockstep_row WHERE " + support::join(present, " AND ") + " GROUP BY " + list +
                             " HAVING pg_catalog.count(*) > 1";
    checks_.push_back({.rule = "no two rows of " + relation_name(to_.id) + " are alike in (" + support::identifier_list(columns) +
                               ") once they are converted",
                       .count = "SELECT coalesce(pg_catalog.sum(n), 0)::pg_catalog.int8 FROM (SELECT pg_catalog.count(*) AS n " +
                                rows + ") AS alike",
                       .sample = "SELECT pg_catalog.concat_ws(', ', " + list + ") " + rows + " LIMIT 5"});
  }

  const Object& from_;
  const Object& to_;
  const Context& context_;
  ObjectId relation_;
  std::string type_;
  bool in_hold_ = false;
  bool again_ = false;
  std::vector<plan::DataCheck> checks_;
};

}  // namespace

ObjectId cast_written_out(const ObjectId& column) {
  ObjectId id = column;
  id.path.push_back("using");
  return id;
}

const ColumnProbe* retype_probe(const ObjectId& column, const Context& context) {
  auto found = context.probes.find(column);
  if (found == context.probes.end()) found = context.probes.find(cast_written_out(column));
  return found == context.probes.end() ? nullptr : &found->second;
}

bool is_converted(const ObjectId& relation, const std::vector<std::string>& columns, const Context& context) {
  return std::any_of(columns.begin(), columns.end(), [&](const std::string& column) {
    return is_retyped({kColumn, {relation.path[0], relation.path[1], column}}, context);
  });
}

std::string using_of(const Object& from, const Object& to, const Context& context) {
  if (from.get(keys::kType) == to.get(keys::kType) || from.has(keys::kGenerated))
    return {};  // generated: computed again, without USING
  if (const auto* convert = convert_of(to.id, context)) return " USING (" + *convert + ")";
  return is_written_out(to.id, context) ? " USING " + converted(to, context) : "";
}

std::vector<plan::DataCheck> conversion_tried(const Object& from, const Object& to, const Context& context) {
  if (from.has(keys::kGenerated)) return {};
  return Trial(from, to, context).run();
}

std::vector<plan::DataCheck> conversion_tried_in_hold(const Object& from, const Object& to, const Context& context) {
  if (from.has(keys::kGenerated)) return {};
  return Trial(from, to, context).run_in_hold();
}

std::vector<plan::DataCheck> conversion_tried_again(const Object& from, const Object& to, const Context& context) {
  return Trial(from, to, context).run_again();
}

bool converts_values(const Object& from, const Object& to, const Context& context) {
  return convert_of(to.id, context) != nullptr || !widens(from.get(keys::kType), to.get(keys::kType));
}

Conversion conversion_of(const Object& to, const Context& context) {
  const std::string type = to.get(keys::kType);
  const auto* convert = convert_of(to.id, context);
  Conversion result{.assigned = quote_identifier(to.id.path[2]), .value = converted(to, context), .cut = {}};
  if (convert != nullptr) result.assigned = "(" + *convert + ")";
  if (convert == nullptr && is_written_out(to.id, context)) result.assigned = result.value;
  if (has_length(type) && result.assigned != result.value) result.cut = cut(result.assigned, result.value, type);
  return result;
}

std::vector<plan::DataCheck> carried_rows_tried(const Object& column, const Context& context) {
  const Object* before = context.from.find(column.id);
  if (before == nullptr || !carried_base(column.id, context)) return {};
  return Trial(*before, column, context).run_rows();
}

std::vector<plan::DataCheck> mapped_rows_tried(const Object& column, const Context& context) {
  const Object* before = context.from.find(column.id);
  return before == nullptr ? std::vector<plan::DataCheck>() : Trial(*before, column, context).run_mapped();
}

std::string differs(const std::string& a, const std::string& b, const std::string& type) {
  const auto text = [&](const std::string& value) {
    return type == "numeric" ? "pg_catalog.trim_scale(" + value + ")::text" : "(" + value + ")::text";
  };
  return text(a) + " IS DISTINCT FROM " + text(b);
}

bool is_cut_by(const std::string& type) {
  return has_length(type);
}

std::string cut(const std::string& value, const std::string& converted, const std::string& type) {
  const auto text = [&](const std::string& of) {
    if (!type.ends_with("[]")) return "pg_catalog.rtrim((" + of + ")::text)";
    return "(SELECT pg_catalog.array_agg(pg_catalog.rtrim(e::text) ORDER BY n) FROM pg_catalog.unnest(" + of +
           ") WITH ORDINALITY AS lockstep_element (e, n))";
  };
  return text(value) + " IS DISTINCT FROM " + text(converted);
}

std::string in_time_zone(const std::string& from, const std::string& to, const Context& context) {
  if (!follows_time_zone(from, context.from, to, context.to)) return {};
  if (context.time_zones == nullptr) return ", in the time zone of the database";
  return ", in time zone " + context.time_zones->own + " of the database";
}

void warn_of_time_zones(plan::Step& step, const ObjectId& object, const std::string& from, const std::string& to,
                        const Context& context) {
  if (context.elaborating || context.time_zones == nullptr) return;
  if (!follows_time_zone(from, context.from, to, context.to)) return;
  const TimeZones& zones = *context.time_zones;
  std::string message = "the values are converted in time zone " + zones.own +
                        ": statements in sessions of another TimeZone see other instants in " + catalog::to_string(object) +
                        " than before";
  if (!zones.others.empty()) message += ", and such sessions there are (" + support::join(zones.others, ", ") + ")";
  step.phase = plan::Phase::contract;
  step.consequences.push_back({"breaking", support::join(object.path, "."), std::move(message)});
}

}  // namespace lockstep::recipes
