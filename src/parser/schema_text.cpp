// Prints a catalog as a .schema file: each kind's own `declare` prints the headers, parents decide the nesting, the registry
// the order.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "catalog/keys.h"
#include "kinds/printing/declared_inline.h"
#include "kinds/registry.h"
#include "parser/declared.h"
#include "parser/format.h"
#include "parser/literals.h"
#include "parser/reader.h"
#include "support/digest.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::parser {
namespace {

using catalog::Catalog;
using catalog::Index;
using catalog::List;
using catalog::Object;
using kinds::KindSpec;

constexpr std::string_view kOutside = "database";  // the file for objects outside every schema

bool is(const Object& object, std::string_view kind) {
  return object.id.kind->name == kind;
}

// An owner is stated if it differs from the most frequent one. If some objects have no owner, there is no most frequent one.
std::string most_frequent_owner(const Catalog& catalog) {
  std::map<std::string, std::size_t> count;
  for (const auto& object : catalog.objects()) {
    if (kinds::attribute(kinds::of(object.id), kinds::kOwner.name) == nullptr) continue;
    if (!object.has(kinds::kOwner)) return {};
    ++count[object.get(kinds::kOwner)];
  }
  const auto most =
      std::max_element(count.begin(), count.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == count.end() ? std::string{} : most->first;
}

class Writer {
 public:
  Writer(const Catalog& catalog, Owners owners, Manages manages = Manages::everything)
      : catalog_(catalog),
        manages_(manages),
        owners_(owners != Owners::left_out),
        owner_(owners == Owners::stated ? most_frequent_owner(catalog) : std::string()) {
    for (Index i = 0; i < catalog.objects().size(); ++i) {
      const List parent = catalog.at(i).get(keys::kPartitionOf);
      if (!parent.empty()) partitions_[{catalog.at(i).id.kind, parent}].push_back(i);
    }
  }

  std::string write() {
    head(true);
    objects(roots());
    return std::move(text_);
  }

  // Objects outside every schema, and settings of the whole database.
  std::string outside() {
    head(true);
    std::vector<Index> list = roots();
    std::erase_if(list, [&](Index index) { return is(catalog_.at(index), "schema"); });
    objects(list);
    return std::move(text_);
  }

  // A schema with these of its objects. Only one file contains its comment and grants: the one with `whole_head`.
  std::string part(Index schema, const std::set<Index>& wanted, bool whole_head) {
    wanted_ = &wanted;
    whole_head_ = whole_head;
    head(false);
    objects({schema});
    wanted_ = nullptr;
    return std::move(text_);
  }

  std::vector<Index> roots() const {
    std::vector<Index> list;
    for (Index i = 0; i < catalog_.objects().size(); ++i) {
      if (!catalog_.at(i).parent) list.push_back(i);
    }
    return list;
  }

  // Objects directly in a schema; a partition is in its parent's block.
  std::vector<Index> in_schema(Index schema) const {
    std::vector<Index> list;
    for (const Index child : catalog_.children(schema)) {
      const Object& object = catalog_.at(child);
      if (!kinds::of(object.id).is_satellite() && !object.has(keys::kPartitionOf)) list.push_back(child);
    }
    return list;
  }

 private:
  void head(bool manages) {
    text_ = manages && manages_ == Manages::everything ? "manage all;\n" : "";
    if (!owner_.empty()) text_ += "default owner " + support::quote_identifier(owner_) + ";\n";
  }

  // In reading order: extensions before schemas, everything else in the registry's order.
  auto order(Index index) const {
    const Object& object = catalog_.at(index);
    const int rank = is(object, "schema") ? kinds::rank({&kinds::find("extension")->tag, {}}) : kinds::rank(object.id);
    return std::make_tuple(rank, is(object, "schema"), object.get(keys::kPosition), object.id.path);
  }

  std::vector<Index> sorted(std::vector<Index> list) const {
    std::sort(list.begin(), list.end(), [&](Index a, Index b) { return order(a) < order(b); });
    return list;
  }

  // Prints independent objects, with a blank line around those of more than one line, and between kinds.
  void objects(const std::vector<Index>& list) {
    std::string_view before;
    bool was_long = false;
    for (const Index index : sorted(list)) {
      const Object& object = catalog_.at(index);
      const std::size_t start = text_.size();
      print(index);
      if (text_.size() == start) continue;
      const bool is_long = std::count(text_.begin() + static_cast<std::ptrdiff_t>(start), text_.end(), '\n') > 1;
      if (before != object.id.kind->name || was_long || is_long) text_.insert(start, "\n");
      before = object.id.kind->name;
      was_long = is_long;
    }
  }

  void print(Index index) {
    const Object& object = catalog_.at(index);
    const KindSpec& kind = kinds::of(object.id);
    if (kind.declare == nullptr) return;
    std::string head = kind.declare(object, catalog_);
    if (head.empty()) return;
    if (owners_ && object.has(kinds::kOwner) && object.get(kinds::kOwner) != owner_)
      head += " owner " + support::quote_identifier(object.get(kinds::kOwner));
    if (kind.comment_inline) head += kinds::declared_inline(object.id, catalog_);
    std::string around = std::move(text_);
    text_.clear();
    is(object, "schema") ? schema_items(index) : relation_items(index);
    const bool block = !text_.empty() || is(object, "schema") || head.substr(0, 6) == "table ";
    text_ = std::move(around) + head + (block ? " {\n" + text_ + "}\n" : ";\n");
  }

  void schema_items(Index index) {
    if (wanted_ == nullptr || whole_head_) {
      for (const Index child : catalog_.children(index)) satellite(catalog_.at(child));
    }
    std::vector<Index> list = in_schema(index);
    if (wanted_ != nullptr) std::erase_if(list, [&](Index child) { return !wanted_->contains(child); });
    objects(list);
  }

  void relation_items(Index index) {
    const Object& object = catalog_.at(index);
    if (kinds::of(object.id).comment_inline) return;
    const std::vector<Index> children = sorted(catalog_.children(index));
    bool columns = false;
    for (const Index child : children) {
      const bool column = is(catalog_.at(child), "column");
      const std::size_t start = text_.size();
      if (!kinds::of(catalog_.at(child).id).is_satellite()) print(child);
      if (!column && columns && text_.size() > start) {
        text_.insert(start, "\n");
        columns = false;
      }
      columns = columns || (column && text_.size() > start);
    }
    settings(object);
    if (const auto found = partitions_.find({object.id.kind, List(object.id.path.begin(), object.id.path.end())});
        found != partitions_.end()) {
      for (const Index partition : sorted(found->second)) print(partition);
    }
    for (const Index child : children) {
      if (is(catalog_.at(child), "grant")) satellite(catalog_.at(child));
    }
    column_grants(children);
    for (const Index child : children) {
      if (kinds::of(catalog_.at(child).id).declare != nullptr) satellite(catalog_.at(child));
    }
  }

  // "select (a, b), update (a) to app": grants on columns are printed in their relation's block.
  void column_grants(const std::vector<Index>& children) {
    std::map<std::pair<std::string, std::string>, std::map<std::string, std::vector<std::string>>>
        columns;  // by grantee and option
    for (const Index child : children) {
      if (!kinds::of(catalog_.at(child).id).comment_inline) continue;
      for (const Index grant : catalog_.children(child)) {
        if (!is(catalog_.at(grant), "grant")) continue;
        for (const auto& [word, option] : privileges(catalog_.at(grant))) {
          columns[{grantee(catalog_.at(grant)), option}][word].push_back(catalog_.at(child).id.path.back());
        }
      }
    }
    for (const auto& [to, words] : columns) {
      std::vector<std::string> list;
      for (const auto& [word, names] : words) list.push_back(word + " (" + support::identifier_list(names) + ")");
      text_ += "grant " + support::join(list, ", ") + " to " + to.first + to.second + ";\n";
    }
  }

  static std::string grantee(const Object& grant) {
    return grant.id.path.back() == "PUBLIC" ? "public" : support::quote_identifier(grant.id.path.back());
  }

  // The keyword of each privilege, and whether it has the grant option.
  static std::vector<std::pair<std::string, std::string>> privileges(const Object& grant) {
    std::vector<std::pair<std::string, std::string>> list;
    for (const auto& privilege : grant.get(keys::kPrivileges)) {
      const std::size_t option = privilege.find(keys::kWithGrantOption);
      list.emplace_back(lower_case(privilege.substr(0, option)),
                        option == std::string::npos ? "" : lower_case(keys::kWithGrantOption));
    }
    return list;
  }

  void settings(const Object& table) {
    if (table.get(keys::kRowSecurity)) text_ += "row level security;\n";
    if (table.get(keys::kForceRowSecurity)) text_ += "force row level security;\n";
    const std::string identity = table.get(keys::kReplicaIdentity);
    constexpr std::string_view kIndex = "index ";
    if (identity.substr(0, kIndex.size()) == kIndex) {
      text_ += "replica identity index " + support::quote_identifier(identity.substr(kIndex.size())) + ";\n";
    } else if (!identity.empty()) {
      text_ += "replica identity " + identity + ";\n";
    }
  }

  // A comment, say; or a grant, which takes several items where its privileges differ in their grant option.
  bool satellite(const Object& object) {
    const KindSpec& kind = kinds::of(object.id);
    if (!kind.is_satellite()) return false;
    if (kind.declare != nullptr) {
      text_ += kind.declare(object, catalog_) + ";\n";
      return true;
    }
    std::map<std::string, std::vector<std::string>> words;  // by grant option
    for (const auto& [word, option] : privileges(object)) words[option].push_back(word);
    if (words.empty()) text_ += "revoke all from " + grantee(object) + ";\n";
    for (const auto& [option, list] : words)
      text_ += "grant " + support::join(list, ", ") + " to " + grantee(object) + option + ";\n";
    return true;
  }

  const Catalog& catalog_;
  const Manages manages_;
  const bool owners_;
  const std::string owner_;
  const std::set<Index>* wanted_ = nullptr;  // objects of the schema being printed; null: all
  bool whole_head_ = true;
  std::map<std::pair<const catalog::KindTag*, List>, std::vector<Index>> partitions_;
  std::string text_;
};

// A plain ${ in a name or a text of the language would be a variable. SQL has no variables.
void escape_variables(std::vector<ast::Node>& nodes) {
  for (auto& node : nodes) {
    for (auto& piece : node.head) {
      if (!piece.replaceable) continue;
      for (std::size_t at = piece.text.find("${"); at != std::string::npos; at = piece.text.find("${", at + 3)) {
        piece.text.insert(at, 1, '$');
      }
    }
    escape_variables(node.children);
  }
}

// Formats it in the canonical layout.
std::string laid_out(std::string text) {
  support::Diagnostics diagnostics;
  const auto source = std::make_shared<support::SourceText>("(the text of this catalog)", std::move(text));
  ast::File file = read(source, diagnostics);
  escape_variables(file.nodes);
  if (!diagnostics.has_errors()) return format(file);
  throw support::InternalError("what this catalog is declared as can't be read back\n" +
                               support::render(diagnostics.sorted().front()));
}

constexpr std::size_t kLongestName = 100;

// Characters that a file system could confuse (a separator, a dot) are replaced.
std::string plain_name(const std::string& name) {
  std::string plain;
  for (const char c : name) {
    const bool safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    plain += safe ? c : '_';
  }
  return plain.substr(0, kLongestName);
}

std::string with_digest(const std::string& name) {
  return plain_name(name) + "-" + support::sha256(name).substr(0, 8);
}

// A file name for any name. A digest keeps names distinct of which something was replaced.
std::string file_name(const std::string& name) {
  return plain_name(name) == name && lower_case(name) != kOutside ? name : with_digest(name);
}

// The file names of objects that stand side by side. Many file systems don't tell "User" from "user": of names that differ only
// in case, one without capitals keeps its own.
std::map<std::string, std::string> file_names(const std::set<std::string>& names) {
  std::map<std::string, std::size_t> alike;
  for (const std::string& name : names) ++alike[lower_case(file_name(name))];
  std::map<std::string, std::string> files;
  for (const std::string& name : names) {
    const std::string file = file_name(name);
    files[name] = alike[lower_case(file)] == 1 || lower_case(file) == file ? file : with_digest(name);
  }
  return files;
}

std::string object_file_in(const std::string& folder, const catalog::ObjectId& id, const std::string& file) {
  return folder + "/" + std::string(id.kind->name) + "/" + file + ".schema";
}

}  // namespace

std::string to_schema_text(const Catalog& catalog, Owners owners) {
  return laid_out(Writer(catalog, owners).write());
}

std::string object_file(const catalog::ObjectId& id) {
  return object_file_in(file_name(id.path[0]), id, file_name(id.path[1]));
}

std::map<std::string, std::string> to_schema_files(const Catalog& catalog, Split split, Owners owners, Manages manages) {
  Writer writer(catalog, owners, manages);
  std::map<std::string, std::string> files;
  const std::string outside = laid_out(writer.outside());
  if (!outside.empty() || manages == Manages::everything) files[std::string(kOutside) + ".schema"] = outside;
  std::set<std::string> schemas;
  for (const Index root : writer.roots())
    if (is(catalog.at(root), "schema")) schemas.insert(catalog.at(root).id.path.front());
  const std::map<std::string, std::string> folders = file_names(schemas);
  for (const Index schema : writer.roots()) {
    if (!is(catalog.at(schema), "schema")) continue;
    const std::string& folder = folders.at(catalog.at(schema).id.path.front());
    std::map<std::string_view, std::set<std::string>> names;  // by kind
    for (const Index child : writer.in_schema(schema))
      names[catalog.at(child).id.kind->name].insert(catalog.at(child).id.path[1]);
    std::map<std::string_view, std::map<std::string, std::string>> named;
    for (const auto& [kind, list] : names) named[kind] = file_names(list);
    std::map<std::string, std::set<Index>> groups;
    for (const Index child : writer.in_schema(schema)) {
      const catalog::ObjectId& id = catalog.at(child).id;
      const std::string& file = named.at(id.kind->name).at(id.path[1]);
      groups[split == Split::object ? object_file_in(folder, id, file) : folder + ".schema"].insert(child);
    }
    groups[folder + ".schema"];  // declares the schema and its facets
    for (const auto& [path, wanted] : groups) {
      files[path] = laid_out(writer.part(schema, wanted, path == folder + ".schema"));
    }
  }
  return files;
}

}  // namespace lockstep::parser
