#include "parser/sql_reader.h"

#include <algorithm>
#include <optional>

#include "parser/literals.h"
#include "parser/sql_mask.h"
#include "parser/sql_names.h"
#include "parser/sql_parse.h"
#include "parser/sql_rules.h"
#include "parser/sql_settings.h"
#include "parser/sql_tree.h"
#include "support/sql_text.h"

namespace lockstep::parser {
namespace {

using nlohmann::json;
using support::Span;

class Reading {
 public:
  Reading(const Span& part, const std::string& search_path, support::Diagnostics& diagnostics)
      : part_(part), diagnostics_(diagnostics), settings_(search_path) {}

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
    if (broken) diagnostics_.error(broken->deep ? "LS0102" : "LS0103", broken->message, span(broken->offset, broken->offset + 1));
    for (const SqlPiece& piece : pieces) {
      text_ = std::string_view(masked.text).substr(piece.begin, piece.end - piece.begin);
      here_ = span(piece.begin, piece.end);
      statement(piece);
    }
    return std::move(script_);
  }

 private:
  Span span(std::size_t begin, std::size_t end) const { return {part_.source, part_.begin + begin, part_.begin + end}; }

  // The first words of a statement, as errors name it.
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
  // Its first line, where an error is shown.
  Span head() const {
    Span result = here_;
    result.end = std::min(here_.end, here_.begin + std::min(text_.find('\n'), text_.size()));
    return result;
  }

  void statement(const SqlPiece& piece) {
    if (piece.tree.is_null()) return newer(piece);
    const auto first = piece.tree.begin();
    const std::string& node = first.key();
    const json& fields = first.value();
    const SqlRule rule = sql_rule(node);
    may_skip_ = true_at(fields, "if_not_exists") || true_at(fields, "missing_ok") || skips_a_part(fields);
    std::optional<SettingError> error;
    if (rule.use == SqlUse::setting) error = settings_.set(fields);
    const bool set_config = node == "SelectStmt" && settings_.is_set_config(fields, error);
    if (error) diagnostics_.error("LS0112", error->message, head(), error->hint);
    if (rule.use == SqlUse::setting || set_config) return;
    if (rule.use == SqlUse::refuse) return refuse(rule.why);
    if (!roles(fields)) return;
    switch (rule.use) {
      case SqlUse::make:
        return make(node, fields);
      case SqlUse::grant:
        return grant(node, fields);
      case SqlUse::label:
        return label(fields);
      case SqlUse::own:
        return own(fields);
      case SqlUse::declare:
        return declare(node, fields);
      default:
        return transaction(fields);
    }
  }

  // ALTER TABLE … ADD COLUMN IF NOT EXISTS …
  static bool skips_a_part(const json& fields) {
    const json& commands = at(fields, "cmds");
    return std::any_of(commands.begin(), commands.end(),
                       [](const json& command) { return true_at(at(command, "AlterTableCmd"), "missing_ok"); });
  }

  // Syntax newer than the parser's: PostgreSQL will check it. A statement whose first words are unknown is wrong.
  void newer(const SqlPiece& piece) {
    may_skip_ = true;  // it may contain IF [NOT] EXISTS
    const SqlRule rule = sql_rule_by_words(text_);
    if (piece.wrong || rule.use == SqlUse::refuse) {
      diagnostics_.error("LS0100", piece.error.message, span(piece.error.offset, piece.error.offset + 1));
      return;
    }
    add(rule.use == SqlUse::grant ? Duty::grant : Duty::make);
  }

  Statement& add(Duty duty) {
    Statement made;
    made.span = here_;
    made.duty = duty;
    made.settings = settings_.statements();
    made.may_skip = may_skip_;
    script_.statements.push_back(std::move(made));
    return script_.statements.back();
  }

  // --- roles

  // Collects every role that the statement names. False: it names the current user, which was refused.
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
                           "CURRENT_USER, CURRENT_ROLE and SESSION_USER depend on who runs this: a desired state names roles",
                           role_span(node), "write the role's name");
        good = false;
      }
      for (const json& child : node) open.push_back(&child);
    }
    return good;
  }

  // Locations in the tree are byte offsets in the statement.
  Span role_span(const json& node) const {
    const json& location = at(node, "location");
    Span result = here_;
    if (location.is_number_integer()) result.begin += std::min(location.get<std::size_t>(), text_.size());
    result.end = std::min(here_.end, result.begin + 1);
    return result;
  }

  // --- definitions

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
      const auto owner = std::find_if(commands.begin(), commands.end(), [](const json& command) {
        return text_at(at(command, "AlterTableCmd"), "subtype") == "AT_ChangeOwner";
      });
      if (owner != commands.end() && commands.size() > 1)
        return refuse("OWNER TO is combined with other changes", "write it as a statement of its own");
      if (owner != commands.end()) return give(at(at(*owner, "AlterTableCmd"), "newowner"));
    }
    Statement& made = add(Duty::make);
    name_statement(node, fields, settings_.first_schema(), made);
    made.superuser = (node == "CreatePublicationStmt" || node == "AlterPublicationStmt") && of_whole_schemas(fields);
  }

  // FOR ALL TABLES and TABLES IN SCHEMA need a superuser and contain names only.
  static bool of_whole_schemas(const json& fields) {
    if (true_at(fields, "for_all_tables")) return true;
    const json& objects = at(fields, "pubobjects");
    return !objects.empty() && std::all_of(objects.begin(), objects.end(), [](const json& object) {
      return text_at(at(object, "PublicationObjSpec"), "pubobjtype").starts_with("PUBLICATIONOBJ_TABLES_IN");
    });
  }

  // True: it was handled. An object made from parsed values gets its comment from parsed values too.
  bool comment(const json& fields) {
    const std::string of = text_at(fields, "objtype");
    for (const std::string_view outside : {"OBJECT_DATABASE", "OBJECT_ROLE", "OBJECT_TABLESPACE", "OBJECT_LARGEOBJECT"}) {
      if (of != outside) continue;
      refuse("its object is not part of a schema");
      return true;
    }
    for (const std::string_view unknown : {"OBJECT_LANGUAGE", "OBJECT_OPCLASS", "OBJECT_OPFAMILY", "OBJECT_ACCESS_METHOD",
                                           "OBJECT_TRANSFORM", "OBJECT_SUBSCRIPTION"}) {
      if (of != unknown) continue;
      refuse("no kind of object in a .sql file is what it is about");
      return true;
    }
    const std::string kind = of == "OBJECT_EXTENSION"       ? "extension"
                             : of == "OBJECT_EVENT_TRIGGER" ? "event_trigger"
                             : of == "OBJECT_FDW"           ? "foreign_data_wrapper"
                                                            : "";
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
      if (on == outside) return refuse("its object is not part of a schema");
    }
    add(Duty::grant);
  }

  void label(const json& fields) {
    const std::string of = text_at(fields, "objtype");
    for (const std::string_view outside : {"OBJECT_DATABASE", "OBJECT_ROLE", "OBJECT_TABLESPACE", "OBJECT_LARGEOBJECT"}) {
      if (of == outside) return refuse("its object is not part of a schema");
    }
    static constexpr std::string_view kLabelled[] = {
        "OBJECT_SCHEMA",        "OBJECT_TABLE",    "OBJECT_COLUMN",   "OBJECT_VIEW",        "OBJECT_MATVIEW",
        "OBJECT_FOREIGN_TABLE", "OBJECT_SEQUENCE", "OBJECT_FUNCTION", "OBJECT_ROUTINE",     "OBJECT_PROCEDURE",
        "OBJECT_AGGREGATE",     "OBJECT_TYPE",     "OBJECT_DOMAIN",   "OBJECT_PUBLICATION", "OBJECT_EVENT_TRIGGER"};
    if (std::find(std::begin(kLabelled), std::end(kLabelled), of) == std::end(kLabelled))
      return refuse("Lockstep has no kind for the object that it labels");
    if (text_at(fields, "provider").empty()) return refuse("it names no provider", "write SECURITY LABEL FOR provider ON …");
    add(Duty::grant).label = true;
  }

  void own(const json& fields) {
    const std::string of = text_at(fields, "objectType");
    for (const std::string_view outside : {"OBJECT_DATABASE", "OBJECT_TABLESPACE", "OBJECT_LARGEOBJECT", "OBJECT_LANGUAGE",
                                           "OBJECT_SUBSCRIPTION", "OBJECT_OPCLASS", "OBJECT_OPFAMILY"}) {
      if (of == outside) return refuse("no kind of object in a .sql file is what it is about");
    }
    const std::string name = string_of(at(fields, "object")), owner = text_at(at(fields, "newowner"), "rolename");
    if (of == "OBJECT_EVENT_TRIGGER") {
      script_.owners.push_back({{"event_trigger", {name}}, owner});
    } else if (of == "OBJECT_FDW") {
      script_.owners.push_back({{"foreign_data_wrapper", {name}}, owner});
    } else if (of == "OBJECT_PUBLICATION") {
      script_.owners.push_back({{"publication", {name}}, owner});
    } else {
      give(at(fields, "newowner"));
    }
  }

  // `role`: the role name at the statement's end.
  void give(const json& role) {
    const Span name = role_span(role);
    Statement& made = add(Duty::own);
    made.superuser = true;
    made.owner = text_at(role, "rolename");
    made.owner_at = name.begin - here_.begin;
  }

  // --- what only a superuser may create

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
    } else if (node == "CreateFdwStmt") {
      foreign_data_wrapper(fields);
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

  void foreign_data_wrapper(const json& fields) {
    Script::Object object{.kind = "foreign_data_wrapper", .path = {text_at(fields, "fdwname")}, .span = head()};
    for (const json& item : at(fields, "func_options")) {
      const json& option = at(item, "DefElem");
      const json& name = at(at(at(option, "arg"), "List"), "items");
      if (name.empty()) continue;  // NO HANDLER
      object.attributes.emplace_back(text_at(option, "defname"),
                                     support::qualified(qualified_name(name, settings_.first_schema())));
    }
    catalog::List options;
    for (const json& item : at(fields, "options")) {
      const json& option = at(item, "DefElem");
      options.push_back(text_at(option, "defname") + "=" + string_of(at(option, "arg")));
    }
    if (!options.empty()) object.attributes.emplace_back("options", std::move(options));
    script_.objects.push_back(std::move(object));
  }

  // In the form of the kind's declaration: ON event [WHEN TAG IN (…)] EXECUTE FUNCTION f() [DISABLED].
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
    definition +=
        " EXECUTE FUNCTION " + support::qualified(qualified_name(at(fields, "funcname"), settings_.first_schema())) + "()";
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
    refuse("only BEGIN and COMMIT are allowed around definitions");
  }

  Span part_;
  support::Diagnostics& diagnostics_;
  Script script_;
  SqlSettings settings_;
  std::string_view text_;  // of the present statement
  Span here_;              // its place
  bool may_skip_ = false;  // see Statement
};

}  // namespace

Script read_sql(const support::Span& part, const std::string& search_path, support::Diagnostics& diagnostics) {
  return Reading(part, search_path, diagnostics).run();
}

Script read_sql(const support::SourcePtr& source, support::Diagnostics& diagnostics) {
  return read_sql(Span{source, 0, source->text().size()}, {}, diagnostics);
}

}  // namespace lockstep::parser
