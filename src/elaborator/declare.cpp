// Reads and lowers the files of a desired state together, with the files that they include.
#include <algorithm>
#include <filesystem>
#include <set>

#include "elaborator/sources.h"
#include "parser/format.h"
#include "parser/reader.h"
#include "parser/sql_reader.h"
#include "support/digest.h"
#include "support/error.h"
#include "support/inside.h"

namespace lockstep::elaborator {
namespace {

namespace fs = std::filesystem;

// A digest of the files in order and of the variables.
class SourcesDigest {
 public:
  explicit SourcesDigest(const Sources& sources) : project_(sources.project) {
    for (const auto& [name, value] : sources.variables) add(name, value);
    all_.update("files");
  }
  // A file of the project has its name there: a checkout elsewhere, or a commit, is the same project.
  void add_file(const std::string& path, std::string_view text) {
    const fs::path inside = project_ ? fs::path(path).lexically_relative(*project_) : fs::path();
    add(inside.empty() || *inside.begin() == ".." ? path : inside.string(), text);
  }
  std::string hex() { return all_.hex(); }

 private:
  void add(std::string_view name, std::string_view text) { all_.update(support::sha256(name) + support::sha256(text)); }

  const std::optional<std::string>& project_;
  support::Sha256 all_;
};

void forget_comments(std::vector<parser::ast::Node>& nodes) {
  for (parser::ast::Node& node : nodes) {
    node.comments_before.clear();
    node.comment_after.clear();
    node.comment_open.clear();
    node.comments_inside.clear();
    forget_comments(node.children);
  }
}

class Files {
 public:
  // `layout`: the files are wanted, not only what they declare.
  Files(const Sources& sources, support::Diagnostics& diagnostics, SourcesDigest& digest, bool layout)
      : project_(sources.project),
        promoted_(sources.promoted),
        layout_(layout),
        texts_(sources.texts),
        diagnostics_(diagnostics),
        digest_(digest) {}

  void read(const std::string& path) {
    root_ = fs::path(path).parent_path().string();
    if (project_ && support::is_inside(root_, *project_)) root_ = *project_;
    read(path, {});
  }

  // Independent of the files' names and order: moving a table to another file changes nothing that is declared.
  std::string declarations() {
    std::sort(declarations_.begin(), declarations_.end());
    support::Sha256 all;
    for (const std::string& one : declarations_) all.update(one);
    return all.hex();
  }

  // Whether a file was read only because another file includes it.
  bool included() const { return included_; }

  const std::vector<parser::ast::File>& files() const { return files_; }
  std::vector<std::string> paths() const { return paths_; }

  parser::Declared lower(const std::map<std::string, std::string>& variables) {
    return parser::lower(files_, std::move(scripts_), variables, diagnostics_);
  }

 private:
  // Each file is read once, however often it is named, so that a cycle of includes ends.
  void read(const std::string& path, const support::Span& named_at) {
    const std::string canonical = canonical_path(path);
    if (!seen_.insert(canonical).second) return;
    support::SourcePtr source;
    try {
      const auto instead = texts_.find(canonical);
      source =
          instead == texts_.end() ? support::read_source(path) : std::make_shared<support::SourceText>(path, instead->second);
    } catch (const support::UsageError& error) {
      if (!named_at) throw;
      diagnostics_.error("LS0114", error.what(), named_at, "the path of an include is relative to the including file");
      return;
    }
    included_ = included_ || bool(named_at);
    paths_.push_back(path);
    digest_.add_file(path, source->text());  // of exactly the text that is parsed, since the file may change meanwhile
    if (path.ends_with(".sql")) {
      scripts_.push_back(parser::read_sql(source, diagnostics_));
      if (promoted_) declarations_.push_back(support::sha256(source->text()));
      return;
    }
    files_.push_back(parser::read(source, diagnostics_, layout_ || promoted_));
    if (promoted_) note(files_.back());
    std::vector<parser::ast::Property> includes;  // copies, because reading further files reallocates files_
    for (const auto& node : files_.back().nodes) {
      const auto* included = node.find("path");
      if (node.kind == "include" && included != nullptr) includes.push_back(*included);
    }
    for (const auto& included : includes) include(path, included);
  }

  // Each top-level item by itself, in no order; an include is what it includes.
  void note(parser::ast::File file) {
    file.comments_at_end.clear();
    std::vector<parser::ast::Node> nodes = std::move(file.nodes);
    forget_comments(nodes);
    for (parser::ast::Node& node : nodes) {
      if (node.kind == "include") continue;
      file.nodes.assign(1, std::move(node));
      declarations_.push_back(support::sha256(parser::format(file)));
    }
  }

  void include(const std::string& from, const parser::ast::Property& included) {
    const std::string& path = std::get<std::string>(included.value);
    if (path.find("${") != std::string::npos) {
      diagnostics_.error("LS0114", "the path of an include can't contain a variable", included.span);
      return;
    }
    const std::string whole = (fs::path(from).parent_path() / path).string();
    if (const std::string why = refusal(whole); !why.empty()) {
      diagnostics_.error("LS0114", path + ": " + why, included.span);
    } else {
      read(whole, included.span);
    }
  }

  // An error shows lines of a file, so a file may only be included if it is part of the project and has the name of a schema
  // file.
  std::string refusal(const std::string& path) const {
    std::error_code ignored;
    if (!support::is_inside(path, root_))
      return "this leads out of the folder " + (root_.empty() ? "." : root_) + ", and what lies outside is not read";
    if (!path.ends_with(".schema") && !path.ends_with(".sql")) return "only .schema and .sql files can be included";
    if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored)) return "it is no plain file";
    return {};
  }

  const std::optional<std::string>& project_;
  bool promoted_;
  bool layout_;
  const std::map<std::string, std::string>& texts_;
  std::vector<std::string> declarations_;
  std::string root_;  // includes of the present named file must stay in here
  support::Diagnostics& diagnostics_;
  SourcesDigest& digest_;
  bool included_ = false;
  std::set<std::string> seen_;
  std::vector<std::string> paths_;
  std::vector<parser::ast::File> files_;
  std::vector<parser::Script> scripts_;
};

}  // namespace

std::string digest_of(const Sources& sources) {
  SourcesDigest digest(sources);
  for (const auto& path : sources.paths) digest.add_file(path, support::read_source(path)->text());
  return digest.hex();
}

std::string canonical_path(const std::string& path) {
  std::error_code ignored;
  return fs::weakly_canonical(path, ignored).string();
}

parser::Declared declare(const Sources& sources, support::Diagnostics& diagnostics, std::vector<parser::ast::File>* read) {
  SourcesDigest digest(sources);
  Files files(sources, diagnostics, digest, read != nullptr);
  for (const auto& path : sources.paths) files.read(path);
  if (diagnostics.has_errors()) return {};
  if (read != nullptr) *read = files.files();
  parser::Declared declared = files.lower(sources.variables);
  declared.files = files.paths();
  // digest_of() is not given the included files, so with includes there is no digest.
  if (!files.included()) declared.digest = digest.hex();
  if (sources.promoted) declared.declarations = files.declarations();
  return declared;
}

}  // namespace lockstep::elaborator
