#include "plan/undo.h"

#include <algorithm>

#include "support/sql_text.h"

namespace lockstep::plan {
namespace {

using Names = std::vector<std::string>;

std::string relation(const Names& names) {
  return support::qualified(names[0], names[1]);
}

std::string column(const Helper& one, bool /*partitioned*/) {
  return "ALTER TABLE " + relation(one.names) + " RENAME COLUMN " + support::quote_identifier(one.names[2]) + " TO " +
         support::quote_identifier(one.subject[2]);
}

std::string successor(const Helper& one, bool /*partitioned*/) {
  return "ALTER TABLE " + relation(one.names) + " DROP COLUMN IF EXISTS " + support::quote_identifier(one.names[2]);
}

// Its name belongs to its successor by now.
std::string predecessor(const Helper& one, bool partitioned) {
  return successor(one, partitioned);
}

// Kept for a rollback, while all its values are in the one that has its name.
std::string kept(const Helper& one, bool partitioned) {
  return successor(one, partitioned);
}

std::string trigger(const Helper& one, bool /*partitioned*/) {
  return "DROP TRIGGER IF EXISTS " + support::quote_identifier(one.names[2]) + " ON " + relation(one.names);
}

std::string constraint(const Helper& one, bool /*partitioned*/) {
  return "ALTER TABLE " + relation(one.names) + " DROP CONSTRAINT IF EXISTS " + support::quote_identifier(one.names[2]);
}

std::string function(const Helper& one, bool /*partitioned*/) {
  return "DROP FUNCTION IF EXISTS " + relation(one.names) + "()";
}

std::string view(const Helper& one, bool /*partitioned*/) {
  return "DROP VIEW IF EXISTS " + relation(one.names);
}

// Its indexes have gone before it.
std::string materialized_view(const Helper& one, bool /*partitioned*/) {
  return "DROP MATERIALIZED VIEW IF EXISTS " + relation(one.names);
}

std::string enum_type(const Helper& one, bool /*partitioned*/) {
  return "DROP TYPE IF EXISTS " + relation(one.names);
}

std::string sequence(const Helper& one, bool /*partitioned*/) {
  return "DROP SEQUENCE IF EXISTS " + relation(one.names);
}

std::string hidden_table(const Helper& one, bool /*partitioned*/) {
  return "ALTER TABLE " + relation(one.names) + " RENAME TO " + support::quote_identifier(one.subject[1]);
}

std::string hidden_sequence(const Helper& one, bool /*partitioned*/) {
  return "ALTER SEQUENCE " + relation(one.names) + " RENAME TO " + support::quote_identifier(one.subject[1]);
}

std::string index(const Helper& one, bool partitioned) {
  return std::string("DROP INDEX ") + (partitioned ? "" : "CONCURRENTLY ") + "IF EXISTS " + relation(one.names);
}

// An index has its final name from the start.
struct Form {
  const char* type;
  std::size_t names;
  const char* prefix;
  std::string (*undo)(const Helper&, bool);
  const char* within = "";
};
constexpr Form kForms[] = {
    {"table column", 3, "lockstep_new_", successor},  // and a second name, which the author chose
    {"table column", 3, "lockstep_old_", predecessor},
    {"table column", 3, "lockstep_kept_", kept},
    {"table column", 3, "lockstep_", column},
    {"table column", 3, "", successor},
    {"trigger", 3, "zz_lockstep_", trigger},
    {"trigger", 3, " lockstep_", trigger},
    {"trigger", 3, "~lockstep_", trigger},
    {"table constraint", 3, "lockstep_", constraint},
    {"table constraint", 3, "", constraint, "_check"},  // PostgreSQL's name for what DETACH PARTITION … CONCURRENTLY adds
    {"function", 2, "zz_lockstep_", function},
    {"index", 2, "", index},
    {"view", 2, "", view},
    {"materialized view", 2, "lockstep_", materialized_view},
    {"type", 2, "lockstep_", enum_type},
    {"sequence", 2, "zz_lockstep_", sequence},
    {"sequence", 2, "lockstep_", hidden_sequence},
    {"table", 2, "lockstep_", hidden_table},
};

bool fits(const Form& form, const Helper& one) {
  if (one.type != form.type || one.names.size() != form.names || !one.names.back().starts_with(form.prefix)) return false;
  if (one.names.back().find(form.within) == std::string::npos) return false;
  if (form.undo == function || form.undo == sequence) return one.names[0] == "lockstep";
  if (form.undo == hidden_table || form.undo == hidden_sequence || form.undo == enum_type || form.undo == materialized_view)
    return one.subject.size() == 2 && one.subject[0] == one.names[0];
  const bool is_column = form.undo == column || form.undo == successor || form.undo == predecessor || form.undo == kept;
  return one.subject.size() >= 2 && (!is_column || one.subject.size() == 3);
}

const Form* form_of(const Helper& helper) {
  const auto* form = std::find_if(std::begin(kForms), std::end(kForms), [&](const Form& one) { return fits(one, helper); });
  return form == std::end(kForms) ? nullptr : form;
}

}  // namespace

bool holds_former_values(const Helper& helper) {
  const Form* form = form_of(helper);
  return form != nullptr && (form->undo == column || form->undo == hidden_table || form->undo == hidden_sequence);
}

bool holds_converted_values(const Helper& helper) {
  const Form* form = form_of(helper);
  return form != nullptr && form->undo == predecessor;
}

bool is_trigger(const Helper& helper) {
  const Form* form = form_of(helper);
  return form != nullptr && form->undo == trigger;
}

bool is_type(const Helper& helper) {
  const Form* form = form_of(helper);
  return form != nullptr && form->undo == enum_type;
}

bool stands_for_former_type(const Helper& helper) {
  const Form* form = form_of(helper);
  return form != nullptr && (form->undo == predecessor || form->undo == kept);
}

std::optional<std::string> undo_statement(const Helper& helper, bool partitioned) {
  const Form* form = form_of(helper);
  return form == nullptr ? std::nullopt : std::optional(form->undo(helper, partitioned));
}

}  // namespace lockstep::plan
