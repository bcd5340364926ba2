// Lowers the declarations of all files to the declared catalog: files, schemas and directives. lower_object.cpp lowers objects,
// lower_table.cpp the parts of tables and views, lower_facets.cpp comments and grants.
#include <iterator>
#include <utility>

#include "kinds/registry.h"
#include "parser/literals.h"
#include "parser/lowering.h"

namespace lockstep::parser {
namespace {

// What the grammar accepts and nothing implements yet. It is refused by name.
struct Unsupported {
  std::string_view node;
  std::string_view what;
  std::string_view hint;
};
constexpr Unsupported kUnsupported[] = {
    {"rows", "reference data (rows) is not supported yet", "leave the table's rows to a migration of the application"},
    {"partitions unmanaged", "partitions unmanaged is not supported yet", "use `ignore table name_*;` in the schema"},
};

const Unsupported* unsupported(std::string_view kind) {
  for (const auto& row : kUnsupported) {
    if (row.node == kind) return &row;
  }
  return nullptr;
}

}  // namespace

void Lowering::file(const ast::File& file) {
  default_owner_.clear();
  for (const auto& node : file.nodes) {
    if (node.kind == "default owner") default_owner_ = std::get<std::string>(substitute(*node.find("owner")));
  }
  items(file.nodes, {});
}

void Lowering::items(const std::vector<ast::Node>& nodes, const Enclosing& around) {
  for (const auto& node : nodes) {
    if (!node.inlined) item(node, around);
  }
}

void Lowering::item(const ast::Node& node, const Enclosing& around) {
  if (const Unsupported* row = unsupported(node.kind)) {
    diagnostics_.error("LS0190", std::string(row->what), node.span, std::string(row->hint));
  } else if (node.kind == "schema") {
    schema(node);
  } else if (node.kind == "external table") {
    external_table(node, around);
  } else if (node.kind == "sql") {
    sql(node, around);
  } else if (node.kind == "manage") {
    result_.scope.everything = true;
  } else if (node.kind == "drop" || node.kind == "protect") {
    directive(node, around);
  } else if (node.kind == "ignore") {
    ignore(node, around);
  } else if (node.kind == "comment" || node.kind == "security_label" || node.kind == "grant" || node.kind == "revoke") {
    if (around.object != nullptr) {
      facet(node, *around.object);
    } else {
      diagnostics_.error("LS0205", "this is said of nothing: it stands outside every block", node.span,
                         "write it inside the block of the object it is about");
    }
  } else if (node.kind != "default owner" && node.kind != "include") {  // an included file is read separately
    in_schema(node, around);
  }
}

// A schema may be opened again, also in another file, so that modules can add their parts to it.
void Lowering::schema(const ast::Node& node) {
  const kinds::KindSpec* kind = kind_of(node, node.kind);
  if (kind == nullptr) return;
  const std::string schema_name = name(node.name.front());
  const bool partial = node.find("partial") != nullptr;
  auto& kept = partial ? result_.scope.partial_schemas : result_.scope.schemas;
  const auto& other = partial ? result_.scope.schemas : result_.scope.partial_schemas;
  const ObjectId id{&kind->tag, {schema_name}};
  const auto known = by_id_.find(id);
  if (other.count(schema_name) != 0) {
    support::Diagnostic both{
        support::Severity::error, "LS0208", "schema " + schema_name + " is declared both whole and partial", node.span, {}, {}};
    both.notes.push_back({"the other declaration is here", result_.places[id].head});
    diagnostics_.add(std::move(both));
    return;
  }
  kept.insert(schema_name);
  Object* object = known == by_id_.end() ? add(*kind, {schema_name}, std::nullopt, node.span) : known->second;
  if (object == nullptr) return;
  if (known != by_id_.end()) place_of(*object).more.push_back(node.span);
  attributes(node, *object);
  intent(node, id);
  owner(*object);
  items(node.children, {schema_name, object});
}

void Lowering::directive(const ast::Node& node, const Enclosing& around) {
  if (const auto* after = node.find("after")) {
    diagnostics_.error("LS0190", "dropping after a time is not supported yet", after->span, "drop it now, or later");
    return;
  }
  const ObjectId id = resolve(node, around);
  if (id.kind == nullptr) return;
  if (node.kind == "protect") {
    result_.scope.protects.insert(id);
  } else {
    result_.scope.dropped.insert(id);
  }
}

void Lowering::ignore(const ast::Node& node, const Enclosing& around) {
  const auto* glob = node.find("glob");
  std::string text = substitute(std::get<std::string>(glob->value), glob->span);
  if (text.find_first_of(" \t\r\n\"") != std::string::npos) {
    diagnostics_.error("LS0207", "\"" + text + "\" is not one name with * and ?", glob->span, "write one `ignore` for each");
    return;
  }
  if (!around.schema.empty()) text = around.schema + "." + text;
  result_.scope.ignored.push_back(lower_case(text));
}

// Lowered as a table for scratch; all resulting objects are external (a serial column's sequence too).
void Lowering::external_table(const ast::Node& node, const Enclosing& around) {
  const auto refuse = [&](const std::string& what, const Span& span) {
    diagnostics_.error("LS0214", what + " states how to change a table, and an external one is never changed", span,
                       "leave it out, or declare the table without `external`");
  };
  for (const auto& child : node.children) {
    if (child.kind == "drop" || child.kind == "protect" || child.kind == "online or offline") refuse(child.kind, child.span);
  }
  const std::size_t first = objects_.size();
  const std::size_t intents_before = result_.intents.size();
  const std::string no_owner = std::exchange(default_owner_, {});
  ast::Node table = node;
  table.kind = "table";
  in_schema(table, around);
  default_owner_ = no_owner;
  for (std::size_t i = first; i < objects_.size(); ++i) {
    const ObjectId& id = objects_[i].id;
    if (objects_[i].parent && objects_[i].parent->path.size() == 1) result_.scope.external.insert(id);
    const auto intent = result_.intents.size() == intents_before ? result_.intents.end() : result_.intents.find(id);
    if (intent != result_.intents.end()) refuse("this", intent->second.span ? intent->second.span : node.span);
  }
}

// Schemas that contain only external tables and that nobody declared are external too.
void Lowering::add_external_schemas() {
  std::set<ObjectId> missing;
  for (const auto& object : objects_) {
    if (object.parent && by_id_.count(*object.parent) == 0 && result_.scope.external.count(object.id) != 0)
      missing.insert(*object.parent);
  }
  for (const ObjectId& id : missing) {
    add(kinds::of(id), id.path, std::nullopt, {});
    result_.scope.external.insert(id);
  }
}

bool Lowering::parents_are_there() {
  bool all = true;
  std::set<std::string> missing;
  for (const auto& object : objects_) {
    if (!object.parent || by_id_.count(*object.parent) != 0) continue;
    all = false;
    const std::string parent = catalog::to_string(*object.parent);
    if (!missing.insert(parent).second) continue;
    diagnostics_.error("LS0205", parent + " is not declared", result_.places[object.id].head,
                       object.parent->path.size() == 1 ? "declare it: schema " + object.parent->path[0] + " partial { … }" : "");
  }
  return all;
}

Declared Lowering::finish() {
  refuse_twice();
  if (diagnostics_.has_errors()) return std::move(result_);  // what is missing may be in the part that could not be parsed
  add_grants();
  add_external_schemas();
  if (!parents_are_there() || diagnostics_.has_errors()) return std::move(result_);
  result_.catalog =
      catalog::Catalog(std::vector<Object>(std::make_move_iterator(objects_.begin()), std::make_move_iterator(objects_.end())));
  return std::move(result_);
}

Declared lower(const std::vector<ast::File>& files, std::vector<Script> scripts,
               const std::map<std::string, std::string>& variables, support::Diagnostics& diagnostics) {
  Lowering lowering(variables, diagnostics);
  for (const auto& file : files) lowering.file(file);
  for (auto& script : scripts) lowering.script(std::move(script));
  return lowering.finish();
}

}  // namespace lockstep::parser
