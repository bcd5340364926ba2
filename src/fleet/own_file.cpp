#include "fleet/own_file.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "parser/declared.h"

namespace lockstep::fleet {
namespace {

namespace fs = std::filesystem;
using catalog::ObjectId;

constexpr const char* kEnd = ".schema";
constexpr const char* kBetween[] = {".", "_", "-"};  // in "shop.orders.schema"

class Layout {
 public:
  Layout(const ItemSubjects& have, const std::vector<parser::ast::File>& files) : have_(have), files_(files) {
    for (std::size_t item = 0; item < have.main.size(); ++item) {
      if (!stands_alone(item)) continue;
      objects_.push_back(item);
      ++inside_[have.items.all()[item].file];
    }
  }

  // As `inspect -o FOLDER/` writes them: schema/kind/name.schema.
  std::optional<OwnFile> as_inspected(const ObjectId& id) const {
    const std::string wanted = parser::object_file(id);
    for (const std::size_t item : objects_) {
      const std::string path = path_of(item), known = "/" + parser::object_file(*have_.main[item]);
      if (("/" + path).ends_with(known)) return OwnFile{path.substr(0, path.size() - known.size() + 1) + wanted, file_of(item)};
    }
    return std::nullopt;
  }

  // The way most of its kind are named, if that says where this one belongs.
  std::optional<OwnFile> as_most(const ObjectId& id) const {
    std::size_t all = 0, own = 0;
    std::optional<OwnFile> last;
    for (const std::size_t item : objects_) {
      const ObjectId& other = *have_.main[item];
      if (!other.is(*id.kind)) continue;
      ++all;
      const auto between = name_of_file(item);
      if (!between) continue;
      ++own;
      if (other.path.front() != id.path.front()) continue;
      const fs::path folder = fs::path(path_of(item)).parent_path();
      last = OwnFile{(folder / (*between + stem_of(id) + kEnd)).string(), file_of(item)};
    }
    return 2 * own > all ? last : std::nullopt;
  }

 private:
  // An object directly in a schema, whose name has no variables.
  bool stands_alone(std::size_t item) const {
    const auto& one = have_.items.all()[item];
    if (!have_.main[item] || have_.main[item]->path.size() < 2 || one.depth > 1) return false;
    if (one.depth == 1 && (!have_.main[*one.parent] || have_.main[*one.parent]->path.size() != 1)) return false;
    for (std::optional<std::size_t> at = item; at; at = have_.items.all()[*at].parent)
      if (parser::has_variable(have_.node(*at))) return false;
    return true;
  }

  std::size_t file_of(std::size_t item) const { return have_.items.all()[item].file; }
  const std::string& path_of(std::size_t item) const { return files_[file_of(item)].source->name(); }
  static std::string stem_of(const ObjectId& id) { return fs::path(parser::object_file(id)).stem().string(); }

  // What stands before the object's name in that of its file: "" or "shop."; absent: it is not its own file.
  std::optional<std::string> name_of_file(std::size_t item) const {
    const ObjectId& id = *have_.main[item];
    const fs::path path(path_of(item));
    if (inside_.at(file_of(item)) != 1 || path.extension() != kEnd) return std::nullopt;
    const std::string stem = path.stem().string(), name = stem_of(id);
    if (stem == name) return "";
    for (const char* between : kBetween)
      if (stem == id.path.front() + between + name) return id.path.front() + between;
    return std::nullopt;
  }

  const ItemSubjects& have_;
  const std::vector<parser::ast::File>& files_;
  std::vector<std::size_t> objects_;           // items
  std::map<std::size_t, std::size_t> inside_;  // how many of them a file has
};

}  // namespace

std::optional<OwnFile> own_file(const ItemSubjects& have, const std::vector<parser::ast::File>& files, const ObjectId& id,
                                const std::function<bool(const std::string&)>& is_read) {
  const Layout layout(have, files);
  const auto is_file = [&](const std::string& path) {
    return std::any_of(files.begin(), files.end(), [&](const auto& file) { return file.source->name() == path; });
  };
  for (const auto& own : {layout.as_inspected(id), layout.as_most(id)})
    if (own && is_read(own->path) && !is_file(own->path)) return own;
  return std::nullopt;
}

}  // namespace lockstep::fleet
