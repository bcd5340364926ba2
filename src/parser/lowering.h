// The state of one lower(): it takes declarations file by file and produces objects, intents and the scope. Private to
// parser/lower_*.cpp.
//
// Rules: an error is reported and the object is left out; nothing is guessed. The order of files and items never matters, so
// references to other declarations (parents, grants) are resolved at the end.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kinds/kind.h"
#include "parser/declared.h"

namespace lockstep::parser {

using catalog::List;
using catalog::Object;
using catalog::ObjectId;
using catalog::Path;
using catalog::Value;
using support::Span;

// Where a declaration is: outside of schemas, in a schema, or in a relation of a schema.
struct Enclosing {
  std::string schema;        // empty: at the top of a file
  Object* object = nullptr;  // the innermost object around: a schema, a table …
};

class Lowering {
 public:
  Lowering(const std::map<std::string, std::string>& variables, support::Diagnostics& diagnostics)
      : variables_(variables), diagnostics_(diagnostics) {}

  void file(const ast::File& file);
  void script(Script script);
  Declared finish();

 private:
  // lower.cpp: files, schemas, directives
  void items(const std::vector<ast::Node>& nodes, const Enclosing& around);
  void item(const ast::Node& node, const Enclosing& around);
  void schema(const ast::Node& node);
  void directive(const ast::Node& node, const Enclosing& around);
  void ignore(const ast::Node& node, const Enclosing& around);
  void external_table(const ast::Node& node, const Enclosing& around);
  void add_external_schemas();
  bool parents_are_there();

  // lower_script.cpp: statements of a script whose effect PostgreSQL can't be asked about
  void sql(const ast::Node& node, const Enclosing& around);
  void declare(const Script::Object& object);
  void owners(const Script& script);
  void refuse_twice();

  // lower_object.cpp: one object of any kind
  const kinds::KindSpec* kind_of(const ast::Node& node, std::string_view name);
  Object* object(const ast::Node& node, const kinds::KindSpec& kind, Path path, std::optional<ObjectId> parent);
  Object* add(const kinds::KindSpec& kind, Path path, std::optional<ObjectId> parent, const Span& head);
  void attributes(const ast::Node& node, Object& object);
  void properties(const ast::Node& node, Object& object);
  Place& place_of(const Object& object);
  void set_checked(Object& object, std::string_view attribute, Value value, const Span& span);
  void intent(const ast::Node& node, const ObjectId& id);
  std::vector<catalog::MappedValue> map(const ast::Node& node, const ObjectId& id);  // lower_map.cpp
  void owner(Object& object);

  // lower_names.cpp: names, variables, paths
  Path schema_path(const ast::Node& node, const Enclosing& around);  // {schema, name}; empty: an error was reported
  ObjectId resolve(const ast::Node& node, const Enclosing& around);  // for drop and protect; kind null: an error was reported
  std::string name(const ast::Identifier& identifier);
  std::string substitute(std::string_view text, const Span& span);
  Value substitute(const ast::Property& property);
  List names(const ast::Node& node, std::string_view property);
  List qualify(List names, const std::string& schema, std::size_t parts) const;

  // lower_schema.cpp: objects in a schema or a database
  void in_schema(const ast::Node& node, const Enclosing& around);
  void plain(const ast::Node& node, const kinds::KindSpec& kind);
  void only_grants(const ast::Node& node, Object& object);
  Path operator_path(const ast::Node& node, const Enclosing& around);
  void default_language(const ast::Node& node, Object& object);
  Value translated(const ast::Property& property, Object& object);
  Value routine_body(const ast::Property& property, const List& texts, Object& object);

  // lower_table.cpp: the parts of tables and views
  void relation_items(const ast::Node& node, Object& relation);
  void online(const ast::Node& node, const ObjectId& table);  // or offline
  void column(const ast::Node& node, Object& table, std::int64_t position);
  static bool inherits(const Object& table);
  void inherited_column(const ast::Node& node, const Object& table);
  void refuse_constraint_word(const ast::Node& node);
  void serial(const ast::Node& node, Object& table, Object& column, const std::string& type);
  void part(const ast::Node& node, Object& relation, const std::string& column, std::int64_t position);
  std::string part_name(const ast::Node& node, const ObjectId& relation);
  void index_definition(const ast::Node& node, Object& index);
  void partition(const ast::Node& node, Object& parent);
  void view_column(const ast::Node& node, Object& view, std::int64_t position);

  // lower_facets.cpp: comments, owners and grants
  bool facet(const ast::Node& node, Object& target);
  void comment(const ast::Node& node, const Object& target);
  void label(const ast::Node& node, const Object& target);
  void grant(const ast::Node& node, Object& target);
  ObjectId column_of(const ObjectId& relation, const std::string& column, const Span& span);
  void add_grants();

  struct Grant {
    std::set<std::string> privileges;
    Span span;
    std::vector<Span> more;  // of further statements
  };

  const std::map<std::string, std::string>& variables_;
  support::Diagnostics& diagnostics_;
  std::string default_owner_;  // of the file being read
  std::deque<Object> objects_;
  std::unordered_map<ObjectId, Object*, catalog::ObjectIdHash> by_id_;
  std::map<ObjectId, std::map<std::string, Grant>> grants_;  // by target and grantee
  std::vector<std::pair<ObjectId, Span>> granted_columns_;   // of tables; they must be declared in the end
  std::map<ObjectId, std::size_t> unnamed_;                  // parts without a name, by relation
  Declared result_;
  const Object* last_ = nullptr;  // the object whose place was looked up last
  Place* last_place_ = nullptr;
};

}  // namespace lockstep::parser
