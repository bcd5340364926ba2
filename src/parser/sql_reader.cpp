#include "parser/sql_reader.h"

#include <algorithm>
#include <array>
#include <map>

#include "parser/literals.h"
#include "parser/sql_mask.h"
#include "parser/sql_parse.h"
#include "parser/sql_rules.h"
#include "support/sql_text.h"

namespace lockstep::parser {
namespace {

using nlohmann::json;
using support::Span;

const json kNull;

const json& at(const json& node, std::string_view key) {
  if (!node.is_object()) return kNull;
  const auto found = node.find(std::string(key));
  return found == node.end() ? kNull : *found;
}

std::string text_at(const json& node, std::string_view key) {
  const json& found = at(node, key);
  return found.is_string() ? found.get<std::string>() : std::string{};
}

bool true_at(const json& node, std::string_view key) {
  const json& found = at(node, key);
  return found.is_boolean() && found.get<bool>();
}

// {"String":{"sval":"a"}}
std::string string_of(const json& node) {
  return text_at(at(node, "String"), "sval");
}

std::vector<std::string> strings_of(const json& list) {
  std::vector<std::string> result;
  for (const json& item : list) result.push_back(string_of(item));
  return result;
}

// A constant as SET takes it; nullopt: no constant. False and 0 are what the tree leaves out.
std::optional<std::string> constant_of(const json& node) {
  const json& constant = at(node, "A_Const");
  if (constant.is_null()) return std::nullopt;
  if (constant.contains("sval")) return text_at(constant["sval"], "sval");
  if (constant.contains("fval")) return text_at(constant["fval"], "fval");
  if (constant.contains("boolval")) return true_at(constant["boolval"], "boolval") ? "on" : "off";
  if (constant.contains("ival")) {
    const json& value = at(constant["ival"], "ival");
    return value.is_number_integer() ? std::to_string(value.get<long long>()) : "0";
  }
  return std::nullopt;
}

// Settings: kept (definitions are read under them), of one value (Lockstep pins them), or without effect here.
constexpr auto kKept = std::to_array<std::string_view>(
    {"default_table_access_method", "default_tablespace", "default_toast_compression", "search_path", "xmloption"});
constexpr auto kWithoutEffect = std::to_array<std::string_view>(
    {"check_function_bodies", "client_min_messages", "escape_string_warning", "idle_in_transaction_session_timeout",
     "lock_timeout", "row_security", "statement_timeout", "synchronous_commit", "transaction_timeout"});
struct Pinned {
  std::string_view name;
  std::array<std::string_view, 4> values;
};
constexpr Pinned kPinned[] = {{"client_encoding", {"utf8", "utf-8", "unicode", "utf8"}},
                              {"standard_conforming_strings", {"on", "true", "1", "yes"}},
                              {"default_with_oids", {"off", "false", "0", "no"}}};

template <class Names>
bool listed(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::string_view kDefaultPath = "\"$user\", public";

// Where an unqualified name goes: the first schema of a search path that isn't the user's own.
std::string first_schema(const std::string& path) {
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t comma = std::min(path.find(',', from), path.size());
    const std::string name = fold_name(trim(std::string_view(path).substr(from, comma - from)));
    if (!name.empty() && name != "$user" && name != "pg_catalog") return name;
    from = comma + 1;
  }
  return {};
}

class Reading {
 public:
  Reading(const Span& part, const std::string& search_path, support::Diagnostics& diagnostics)
      : part_(part), first_path_(search_path.empty() ? kDefaultPath : search_path), diagnostics_(diagnostics) {}

  Script run() {
    script_.source = part_.source;
    const Masked masked = mask_psql(part_.text());
    for (const PsqlCommand& command : masked.commands) {
      const std::string words(part_.text().substr(command.begin, command.end - command.begin));
      diagnostics_.error("LS0110", words.substr(0, words.find(' ')) + " is a command of psql, not SQL",
                         span(command.begin, command.end),
                         "leave it out; only \\restrict and \\unrestrict of pg_dump are skipped");
    }
    std::optional<SqlError> broken;
    const std::vector<SqlPiece> pieces = split_sql(masked.text, broken);
    if (broken) diagnostics_.error("LS0103", broken->message, span(broken->offset, broken->offset + 1));
    for (const SqlPiece& piece : pieces) {
      text_ = std::string_view(masked.text).substr(piece.begin, piece.end - piece.begin);
      here_ = span(piece.begin, piece.end);
      statement(piece);
    }
    return std::move(script_);
  }

 private:
  Span span(std::size_t begin, std::size_t end) const { return {part_.source, part_.begin + begin, part_.begin + end}; }

  // The first words, as an error names a statement.
  std::string title() const {
    std::vector<std::string> words = leading_words(text_, 3);
    const std::size_t keep = words.empty() || words[0] == "CREATE" || words[0] == "ALTER" || words[0] == "DROP" ? 2 : 1;
    if (words.size() > 2 &&
        (words[1] == "OR" || words[1] == "FOREIGN" || words[1] == "EVENT" || words[1] == "OPERATOR" || words[1] == "ACCESS" ||
         words[1] == "USER" || words[1] == "TEMP" || words[1] == "TEMPORARY" || words[0] == "SET" || words[0] == "SELECT"))
      return support::join({words[0], words[1], words[2]}, " ");
    words.resize(std::min(words.size(), keep));
    return words.empty() ? "this" : support::join(words, " ");
  }

  void refuse(std::string_view why, std::string hint = {}) {
    diagnostics_.error("LS0111", title() + " can't stand in a desired state: " + std::string(why), head(), std::move(hint));
  }
  // Its first line: an error is shown there.
  Span head() const {
    Span result = here_;
    result.end = std::min(here_.end, here_.begin + std::min(text_.find('\n'), text_.size()));
    return result;
  }

  void statement(const SqlPiece& piece) {
    if (piece.tree.is_null()) return newer(piece);
    const auto& [node, fields] = *piece.tree.items().begin();
    const SqlRule rule = sql_rule(node);
    if (rule.use == SqlUse::setting) return setting(fields);
    if (node == "SelectStmt" && set_config(fields)) return;
    if (rule.use == SqlUse::refuse) return refuse(rule.why);
    if (!roles(fields)) return;
    switch (rule.use) {
      case SqlUse::make:
        return make(node, fields);
      case SqlUse::grant:
        return grant(node, fields);
      case SqlUse::own:
        return own(fields);
      case SqlUse::declare:
        return declare(node, fields);
      default:
        return transaction(fields);
    }
  }

  // Syntax newer than the parser: PostgreSQL will say whether it is right. What begins like nothing known is wrong.
  void newer(const SqlPiece& piece) {
    const SqlRule rule = sql_rule_by_words(text_);
    if (rule.use == SqlUse::refuse) {
      diagnostics_.error("LS0100", piece.error.message, span(piece.error.offset, piece.error.offset + 1));
      return;
    }
    add(rule.use == SqlUse::grant ? Duty::grant : Duty::make);
  }

  Statement& add(Duty duty) {
    Statement made;
    made.span = here_;
    made.duty = duty;
    made.settings = settings();
    script_.statements.push_back(std::move(made));
    return script_.statements.back();
  }

  // --- settings

  std::string path() const {
    const auto found = set_.find("search_path");
    return found == set_.end() ? first_path_ : found->second;
  }

  std::string settings() const {
    std::string text(kNoSettings);
    const auto set = [&](std::string_view name, std::string_view value) {
      text +=
          "SELECT pg_catalog.set_config(" + support::quote_literal(name) + ", " + support::quote_literal(value) + ", false);\n";
    };
    set("search_path", path());
    for (const auto& [name, value] : set_) {
      if (name != "search_path") set(name, value);
    }
    return text;
  }

  void keep(const std::string& name, std::optional<std::string> value) {
    if (listed(kWithoutEffect, name)) return;
    for (const Pinned& pinned : kPinned) {
      if (pinned.name != name) continue;
      if (!value || listed(pinned.values, lower_case(*value))) return;
      return setting_error(name + " can't be " + *value + " here",
                           "the file is read as UTF-8, with standard strings and without oids");
    }
    if (!listed(kKept, name)) {
      return setting_error("the setting " + name + " can't be set in a desired state",
                           "leave it out: its effect would hang on who reads the file");
    }
    if (value) {
      set_[name] = *value;
    } else {
      set_.erase(name);
    }
  }
  void setting_error(const std::string& message, std::string hint) {
    diagnostics_.error("LS0112", message, head(), std::move(hint));
  }

  void setting(const json& fields) {
    const std::string kind = text_at(fields, "kind"), name = lower_case(text_at(fields, "name"));
    if (true_at(fields, "is_local")) {
      return setting_error("SET LOCAL has no meaning here: statements are not run in one transaction", "write SET");
    }
    if (kind == "VAR_RESET_ALL") return set_.clear();
    if (kind == "VAR_SET_DEFAULT" || kind == "VAR_RESET") return keep(name, std::nullopt);
    if (name == "role" || name == "session_authorization")
      return refuse("everything is made by one role; owners are said by ALTER … OWNER TO");
    if (kind != "VAR_SET_VALUE") return refuse("it is about a session, not about what the database shall be");
    std::vector<std::string> values;
    for (const json& argument : at(fields, "args")) {
      const auto value = constant_of(argument);
      if (!value) return setting_error("the value of " + name + " is not a constant", {});
      values.push_back(*value);
    }
    keep(name, name == "search_path" ? support::identifier_list(values) : support::join(values, ", "));
  }

  // SELECT pg_catalog.set_config('search_path', '…', false), as pg_dump writes it.
  bool set_config(const json& select) {
    for (const auto& item : select.items()) {
      if (item.key() != "targetList" && item.key() != "limitOption" && item.key() != "op") return false;
    }
    const json& targets = at(select, "targetList");
    if (targets.size() != 1) return false;
    const json& call = at(at(at(targets[0], "ResTarget"), "val"), "FuncCall");
    const std::vector<std::string> name = strings_of(at(call, "funcname"));
    const json& arguments = at(call, "args");
    if (name.empty() || name.back() != "set_config" || (name.size() == 2 && name[0] != "pg_catalog") || arguments.size() != 3)
      return false;
    const auto setting_name = constant_of(arguments[0]), value = constant_of(arguments[1]), local = constant_of(arguments[2]);
    if (!setting_name || !value || local != "off") return false;
    keep(lower_case(*setting_name), *value);
    return true;
  }

  // --- roles

  // Collects every role the statement names. False: it names whoever runs it, and was refused.
  bool roles(const json& fields) {
    std::vector<const json*> open = {&fields};
    bool good = true;
    while (!open.empty()) {
      const json& node = *open.back();
      open.pop_back();
      if (!node.is_structured()) continue;
      const std::string type = text_at(node, "roletype");
      if (type == "ROLESPEC_CSTRING") {
        script_.roles.emplace_back(text_at(node, "rolename"), role_span(node));
      } else if (!type.empty() && type != "ROLESPEC_PUBLIC") {
        diagnostics_.error("LS0113",
                           "CURRENT_USER, CURRENT_ROLE and SESSION_USER are whoever runs this: a desired state names roles",
                           role_span(node), "write the role's name");
        good = false;
      }
      for (const json& child : node) open.push_back(&child);
    }
    return good;
  }

  // Locations of the tree are bytes of the statement.
  Span role_span(const json& node) const {
    const json& location = at(node, "location");
    Span result = here_;
    if (location.is_number_integer()) result.begin += std::min(location.get<std::size_t>(), text_.size());
    result.end = std::min(here_.end, result.begin + 1);
    return result;
  }

  // --- definitions

  catalog::Path qualified(std::string schema, std::string name) const {
    if (schema.empty()) schema = first_schema(path());
    return {std::move(schema), std::move(name)};
  }
  catalog::Path relation(const json& range) const { return qualified(text_at(range, "schemaname"), text_at(range, "relname")); }
  catalog::Path named(const json& list) const {
    std::vector<std::string> names = strings_of(list);
    if (names.empty()) return {};
    return qualified(names.size() > 1 ? names[names.size() - 2] : "", names.back());
  }
  catalog::Path part(const json& range, const std::string& name) const {
    if (name.empty()) return {};
    catalog::Path path_of = relation(range);
    path_of.push_back(name);
    return path_of;
  }

  // The types a routine is called with, spelled alike however they were written.
  static std::string arguments_of(const json& fields) {
    std::vector<std::string> types;
    for (const json& item : at(fields, "parameters")) {
      const json& parameter = at(item, "FunctionParameter");
      const std::string mode = text_at(parameter, "mode");
      if (mode == "FUNC_PARAM_OUT" || mode == "FUNC_PARAM_TABLE") continue;
      std::vector<std::string> names = strings_of(at(at(parameter, "argType"), "names"));
      if (names.size() == 2 && names[0] == "pg_catalog") names.erase(names.begin());
      types.push_back(support::join(names, ".") + (at(at(parameter, "argType"), "arrayBounds").empty() ? "" : "[]"));
    }
    return support::join(types, ", ");
  }

  void name_it(const std::string& node, const json& fields, Statement& made) const {
    if (node == "CreateStmt") made.makes = relation(at(fields, "relation"));
    if (node == "CreateForeignTableStmt") made.makes = relation(at(at(fields, "base"), "relation"));
    if (node == "ViewStmt") made.makes = relation(at(fields, "view"));
    if (node == "CreateTableAsStmt") made.makes = relation(at(at(fields, "into"), "rel"));
    if (node == "CreateSeqStmt") made.makes = relation(at(fields, "sequence"));
    if (node == "CompositeTypeStmt") made.makes = relation(at(fields, "typevar"));
    if (node == "CreateEnumStmt" || node == "CreateRangeStmt") made.makes = named(at(fields, "typeName"));
    if (node == "CreateDomainStmt") made.makes = named(at(fields, "domainname"));
    if (node == "IndexStmt") made.makes = part(at(fields, "relation"), text_at(fields, "idxname"));
    if (node == "CreateTrigStmt") made.makes = part(at(fields, "relation"), text_at(fields, "trigname"));
    if (node == "RuleStmt") made.makes = part(at(fields, "relation"), text_at(fields, "rulename"));
    if (node == "CreatePolicyStmt") made.makes = part(at(fields, "table"), text_at(fields, "policy_name"));
    if (node == "CreateSchemaStmt" && !text_at(fields, "schemaname").empty()) {
      made.makes = {text_at(fields, "schemaname")};
      made.opens_schema = at(fields, "schemaElts").empty() && at(fields, "authrole").is_null();
    }
    if (node == "CreateFunctionStmt" || (node == "DefineStmt" && text_at(fields, "kind") == "OBJECT_AGGREGATE")) {
      made.makes = named(at(fields, node == "DefineStmt" ? "defnames" : "funcname"));
      made.routine = true;
      if (node == "CreateFunctionStmt") made.makes.push_back(arguments_of(fields));
    }
    // ALTER TABLE … ADD CONSTRAINT name: the constraint stands there.
    if (node == "AlterTableStmt" && at(fields, "cmds").size() == 1) {
      const json& command = at(at(fields, "cmds")[0], "AlterTableCmd");
      if (text_at(command, "subtype") == "AT_AddConstraint")
        made.makes = part(at(fields, "relation"), text_at(at(at(command, "def"), "Constraint"), "conname"));
    }
  }

  static bool temporary(const json& fields) {
    for (const std::string_view key : {"relation", "view", "sequence"}) {
      if (text_at(at(fields, key), "relpersistence") == "t") return true;
    }
    return text_at(at(at(fields, "into"), "rel"), "relpersistence") == "t";
  }

  void make(const std::string& node, const json& fields) {
    if (node != "AlterTableStmt" && temporary(fields)) return refuse("a temporary object ends with its session");
    if (node == "CreateTableAsStmt" && text_at(fields, "objtype") != "OBJECT_MATVIEW")
      return refuse("the rows of a query are no definition", "declare the table's columns");
    if (node == "DefineStmt") {
      const std::string kind = text_at(fields, "kind");
      if (kind == "OBJECT_TSPARSER" || kind == "OBJECT_TSTEMPLATE")
        return refuse("only a superuser may make it", "declare it in a .schema file");
      if (kind == "OBJECT_TYPE") return refuse("base types and shells are made by extensions; no kind of object expresses them");
    }
    if (node == "CommentStmt" && comment(fields)) return;
    if (node == "AlterTableStmt" || node == "AlterTypeStmt") {
      const json& commands = at(fields, "cmds");
      const bool owner = std::any_of(commands.begin(), commands.end(), [](const json& command) {
        return text_at(at(command, "AlterTableCmd"), "subtype") == "AT_ChangeOwner";
      });
      if (owner && commands.size() > 1)
        return refuse("OWNER TO stands beside other changes", "write it as a statement of its own");
      if (owner) {
        add(Duty::own).superuser = true;
        return;
      }
    }
    Statement& made = add(Duty::make);
    name_it(node, fields, made);
    made.superuser = (node == "CreatePublicationStmt" || node == "AlterPublicationStmt") && of_whole_schemas(fields);
  }

  // FOR ALL TABLES and TABLES IN SCHEMA take a superuser, and hold names only.
  static bool of_whole_schemas(const json& fields) {
    if (true_at(fields, "for_all_tables")) return true;
    const json& objects = at(fields, "pubobjects");
    return !objects.empty() && std::all_of(objects.begin(), objects.end(), [](const json& object) {
      return text_at(at(object, "PublicationObjSpec"), "pubobjtype").starts_with("PUBLICATIONOBJ_TABLES_IN");
    });
  }

  // True: dealt with. What is made from parsed values has its comment from them too.
  bool comment(const json& fields) {
    const std::string of = text_at(fields, "objtype");
    for (const std::string_view outside : {"OBJECT_DATABASE", "OBJECT_ROLE", "OBJECT_TABLESPACE", "OBJECT_LARGEOBJECT"}) {
      if (of != outside) continue;
      refuse("what it is about is not in the schema");
      return true;
    }
    for (const std::string_view unknown : {"OBJECT_LANGUAGE", "OBJECT_OPCLASS", "OBJECT_OPFAMILY", "OBJECT_ACCESS_METHOD",
                                           "OBJECT_TRANSFORM", "OBJECT_SUBSCRIPTION", "OBJECT_FDW"}) {
      if (of != unknown) continue;
      refuse("no kind of object in a .sql file is what it is about");
      return true;
    }
    const std::string kind = of == "OBJECT_EXTENSION" ? "extension" : of == "OBJECT_EVENT_TRIGGER" ? "event_trigger" : "";
    if (kind.empty()) return false;
    const std::string name = string_of(at(fields, "object"));
    if (name == kOwnLanguage) return true;
    if (Script::Object* object = find(kind, name)) {
      object->comment = text_at(fields, "comment");
      object->comment_span = head();
    } else {
      refuse("\"" + name + "\" is made in no statement before it");
    }
    return true;
  }

  void grant(const std::string& node, const json& fields) {
    if (node == "AlterDefaultPrivilegesStmt") {
      const json& options = at(fields, "options");
      const bool whose = std::any_of(options.begin(), options.end(),
                                     [](const json& option) { return text_at(at(option, "DefElem"), "defname") == "roles"; });
      if (!whose) return refuse("it doesn't say whose new objects it is about", "write ALTER DEFAULT PRIVILEGES FOR ROLE name …");
    }
    const std::string on = text_at(fields, "objtype");
    for (const std::string_view outside :
         {"OBJECT_DATABASE", "OBJECT_TABLESPACE", "OBJECT_LARGEOBJECT", "OBJECT_PARAMETER_ACL", "OBJECT_LANGUAGE"}) {
      if (on == outside) return refuse("what it is about is not in the schema");
    }
    add(Duty::grant);
  }

  void own(const json& fields) {
    const std::string of = text_at(fields, "objectType");
    for (const std::string_view outside : {"OBJECT_DATABASE", "OBJECT_TABLESPACE", "OBJECT_LARGEOBJECT", "OBJECT_LANGUAGE",
                                           "OBJECT_SUBSCRIPTION", "OBJECT_OPCLASS", "OBJECT_OPFAMILY", "OBJECT_FDW"}) {
      if (of == outside) return refuse("no kind of object in a .sql file is what it is about");
    }
    const std::string name = string_of(at(fields, "object")), owner = text_at(at(fields, "newowner"), "rolename");
    if (of == "OBJECT_EVENT_TRIGGER") {
      script_.owners.push_back({{"event_trigger", {name}}, owner});
    } else if (of == "OBJECT_PUBLICATION") {
      script_.owners.push_back({{"publication", {name}}, owner});
    } else {
      add(Duty::own).superuser = true;
    }
  }

  // --- what only a superuser may make

  static constexpr std::string_view kOwnLanguage = "plpgsql";  // belongs to every database

  Script::Object* find(std::string_view kind, const std::string& name) {
    for (Script::Object& object : script_.objects) {
      if (object.kind == kind && object.path == catalog::Path{name}) return &object;
    }
    return nullptr;
  }

  void declare(const std::string& node, const json& fields) {
    if (node == "CreatePLangStmt") {
      if (text_at(fields, "plname") != kOwnLanguage) refuse("languages are made by extensions", "write CREATE EXTENSION");
    } else if (node == "CreateExtensionStmt") {
      extension(fields);
    } else if (node == "CreateEventTrigStmt") {
      event_trigger(fields);
    } else {
      switch_event_trigger(fields);
    }
  }

  void extension(const json& fields) {
    const std::string name = text_at(fields, "extname");
    if (name == kOwnLanguage) return;
    Script::Object object{.kind = "extension", .path = {name}, .span = head(), .if_missing = true};
    object.if_missing = true_at(fields, "if_not_exists");
    for (const json& item : at(fields, "options")) {
      const json& option = at(item, "DefElem");
      const std::string word = text_at(option, "defname");
      if (word == "cascade") return refuse("CASCADE makes extensions nobody declared", "write a CREATE EXTENSION for each");
      object.attributes.emplace_back(word == "new_version" ? "version" : word, string_of(at(option, "arg")));
    }
    if (find(object.kind, name) != nullptr && object.if_missing) return;
    script_.objects.push_back(std::move(object));
  }

  // In the form its kind declares: ON event [WHEN TAG IN (…)] EXECUTE FUNCTION f() [DISABLED].
  void event_trigger(const json& fields) {
    std::string definition = "ON " + text_at(fields, "eventname");
    for (const json& item : at(fields, "whenclause")) {
      const json& filter = at(item, "DefElem");
      std::vector<std::string> tags;
      for (const std::string& tag : strings_of(at(at(at(filter, "arg"), "List"), "items")))
        tags.push_back(support::quote_literal(tag));
      definition += (&item == &at(fields, "whenclause").front() ? " WHEN " : " AND ") + upper_case(text_at(filter, "defname")) +
                    " IN (" + support::join(tags, ", ") + ")";
    }
    definition += " EXECUTE FUNCTION " + support::qualified(named(at(fields, "funcname"))) + "()";
    script_.objects.push_back({.kind = "event_trigger",
                               .path = {text_at(fields, "trigname")},
                               .attributes = {{"definition", std::move(definition)}},
                               .comment = {},
                               .span = head(),
                               .comment_span = {},
                               .if_missing = false});
  }

  void switch_event_trigger(const json& fields) {
    Script::Object* object = find("event_trigger", text_at(fields, "trigname"));
    const std::string state = text_at(fields, "tgenabled");
    if (object == nullptr) return refuse("\"" + text_at(fields, "trigname") + "\" is made in no statement before it");
    if (state == "D") {
      std::get<std::string>(object->attributes.front().second) += " DISABLED";
    } else if (state != "O") {
      refuse("a .sql file can enable an event trigger only plainly", "declare it in a .schema file");
    }
  }

  void transaction(const json& fields) {
    const std::string kind = text_at(fields, "kind");
    for (const std::string_view plain : {"TRANS_STMT_BEGIN", "TRANS_STMT_START", "TRANS_STMT_COMMIT"}) {
      if (kind == plain) return;
    }
    refuse("only BEGIN and COMMIT may stand around definitions");
  }

  Span part_;
  std::string first_path_;
  support::Diagnostics& diagnostics_;
  Script script_;
  std::map<std::string, std::string> set_;  // settings in force
  std::string_view text_;                   // of the statement being read
  Span here_;                               // where it stands
};

}  // namespace

Script read_sql(const support::Span& part, const std::string& search_path, support::Diagnostics& diagnostics) {
  return Reading(part, search_path, diagnostics).run();
}

Script read_sql(const support::SourcePtr& source, support::Diagnostics& diagnostics) {
  return read_sql(Span{source, 0, source->text().size()}, {}, diagnostics);
}

}  // namespace lockstep::parser
