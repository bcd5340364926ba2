#include "world.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "catalog/value.h"
#include "kinds/registry.h"

namespace lockstep::testing {

using catalog::Object;
using catalog::ObjectId;

namespace {

struct Wire {
  ObjectId from, to;
  bool automatic = false;
};

struct Side {
  std::vector<Object> objects;
  std::vector<Wire> wires;
};

// One line of a catalog, cut into its parts.
struct Line {
  ObjectId id;
  std::vector<std::pair<std::string, std::string>> properties;  // "not_null" alone has the value "yes"
  std::vector<Wire> wires;
};

// Words that quotation marks and brackets hold together.
std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  char until = 0;
  for (const char c : text) {
    if (until != 0) {
      if (c == until) until = 0;
      if (c != '"') word += c;
    } else if (c == '"') {
      until = '"';
    } else if (c == '[' || c == '(') {
      until = c == '[' ? ']' : ')';
      word += c;
    } else if (c == ' ') {
      if (!word.empty()) words.push_back(std::move(word));
      word.clear();
    } else {
      word += c;
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

// shop.orders.id; shop.total(integer) ends with a function's arguments
catalog::Path path_of(const std::string& text) {
  catalog::Path path;
  const auto arguments = text.find('(');
  std::istringstream stream(text.substr(0, arguments));
  for (std::string part; std::getline(stream, part, '.');) path.push_back(part);
  if (arguments != std::string::npos) path.push_back(text.substr(arguments + 1, text.size() - arguments - 2));
  return path;
}

ObjectId id_of(const std::string& kind, const std::string& path) {
  const auto* spec = kinds::find(kind);
  if (spec == nullptr) throw std::runtime_error("no kind " + kind);
  return {&spec->tag, path_of(path)};
}

catalog::Value value_of(const kinds::AttrSpec& attribute, const std::string& text) {
  if (text == "-") return {};
  switch (attribute.type) {
    case kinds::ValueType::boolean:
      return text == "yes";
    case kinds::ValueType::integer:
      return static_cast<std::int64_t>(std::stoll(text));
    case kinds::ValueType::text:
      return text;
    case kinds::ValueType::list:
      break;
  }
  if (text.size() < 2 || text.front() != '[') throw std::runtime_error("a list is written [a|b]: " + text);
  catalog::List list;
  std::istringstream stream(text.substr(1, text.size() - 2));
  for (std::string part; std::getline(stream, part, '|');) list.push_back(part);
  return list;
}

Line line_of(const std::string& text) {
  const auto words = words_of(text);
  if (words.size() < 2) throw std::runtime_error("an object is KIND PATH");
  Line line{.id = id_of(words[0], words[1])};
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (words[i] == "->" || words[i] == "=>") {
      if (i + 2 >= words.size()) throw std::runtime_error("-> KIND PATH");
      line.wires.push_back({line.id, id_of(words[i + 1], words[i + 2]), words[i] == "=>"});
      i += 2;
      continue;
    }
    const auto equals = words[i].find('=');
    line.properties.emplace_back(words[i].substr(0, equals),
                                 equals == std::string::npos ? std::string("yes") : words[i].substr(equals + 1));
  }
  return line;
}

Object* find(Side& side, const ObjectId& id) {
  const auto found = std::find_if(side.objects.begin(), side.objects.end(), [&](const Object& o) { return o.id == id; });
  return found == side.objects.end() ? nullptr : &*found;
}

// The object that the path without its last name leads to; what a satellite is about.
std::optional<ObjectId> parent_of(const ObjectId& id, const Side& side) {
  if (kinds::of(id).is_satellite()) return kinds::target_of(id);
  // What is said of a column has no name of its own.
  const ObjectId column{&kinds::find("column")->tag, id.path};
  const bool of_column = id.kind->name == "default" || id.kind->name == "override";
  for (const Object& object : side.objects) {
    if (of_column && object.id == column) return column;
  }
  auto path = id.path;
  if (to_string(id).ends_with(')')) path.pop_back();  // a function's arguments
  do {
    path.pop_back();
    for (const Object& object : side.objects) {
      if (object.id.path == path && !kinds::of(object.id).is_satellite()) return object.id;
    }
  } while (path.size() > 1);
  return std::nullopt;
}

void set(Object& object, const Line& line) {
  for (const auto& [name, text] : line.properties) {
    const auto* attribute = kinds::attribute(kinds::of(object.id), name);
    if (attribute == nullptr) throw std::runtime_error(to_string(object.id) + " has no attribute " + name);
    object.set(attribute->name, value_of(*attribute, text));
  }
}

void add(Side& side, const Line& line) {
  Object object{.id = line.id, .parent = parent_of(line.id, side)};
  set(object, line);
  side.objects.push_back(std::move(object));
  side.wires.insert(side.wires.end(), line.wires.begin(), line.wires.end());
}

bool within(const Side& side, const ObjectId& id, const ObjectId& ancestor) {
  for (std::optional<ObjectId> at = id; at;) {
    if (*at == ancestor) return true;
    const auto found = std::find_if(side.objects.begin(), side.objects.end(), [&](const Object& o) { return o.id == *at; });
    at = found == side.objects.end() ? std::nullopt : found->parent;
  }
  return false;
}

// - removes an object and what is below it, ~ sets some attributes (and, where it names any, all that it depends on), + adds.
void edit(Side& side, const std::string& text) {
  const Line line = line_of(text.substr(2));
  if (text[0] == '+') return add(side, line);
  Object* object = find(side, line.id);
  if (object == nullptr) throw std::runtime_error(to_string(line.id) + " is not there");
  if (text[0] == '~') {
    set(*object, line);
    if (line.wires.empty()) return;
    std::erase_if(side.wires, [&](const Wire& wire) { return wire.from == line.id; });
    side.wires.insert(side.wires.end(), line.wires.begin(), line.wires.end());
    return;
  }
  if (text[0] != '-') throw std::runtime_error("an edit begins with +, - or ~");
  std::set<ObjectId> gone;
  for (const Object& one : side.objects) {
    if (within(side, one.id, line.id)) gone.insert(one.id);
  }
  std::erase_if(side.objects, [&](const Object& one) { return gone.contains(one.id); });
  std::erase_if(side.wires, [&](const Wire& wire) { return gone.contains(wire.from) || gone.contains(wire.to); });
}

catalog::Catalog catalog_of(const Side& side) {
  std::map<ObjectId, catalog::Index> places;
  for (catalog::Index i = 0; i < side.objects.size(); ++i) places[side.objects[i].id] = i;
  std::vector<catalog::Edge> edges;
  for (const Wire& wire : side.wires) {
    if (!places.contains(wire.to))
      throw std::runtime_error(to_string(wire.from) + " -> " + to_string(wire.to) + ", which is not there");
    edges.push_back({places.at(wire.from), places.at(wire.to), wire.automatic});
  }
  return catalog::Catalog(side.objects, std::move(edges));
}

// keys [a|b], operators [=], where "…", levels ["…"]: what PostgreSQL printed of an index, an exclusion constraint or a
// partition.
void tell_rows(recipes::RowProbe& probe, const std::string& what, const std::string& value) {
  if (what == "where") {
    probe.condition = value;
    probe.levels = {value};
    return;
  }
  if (what == "levels") {
    probe.levels = std::get<catalog::List>(value_of({.type = kinds::ValueType::list}, value));
    return;
  }
  if (what != "keys" && what != "operators") throw std::runtime_error("keys, operators, where or levels: " + what);
  (what == "keys" ? probe.keys : probe.operators) = std::get<catalog::List>(value_of({.type = kinds::ValueType::list}, value));
}

// What is said of the live database, and what the author means.
void tell(World& world, const std::string& text) {
  const auto words = words_of(text);
  const auto rest = [&](std::size_t from) {
    return words.size() > from ? words[from] : throw std::runtime_error("too short: " + text);
  };
  if (words[0] == "server") {
    world.server_version = std::stoi(rest(1)) * 10000;
  } else if (words[0] == "bytes") {
    const bool bare = words.size() == 3;  // of a table
    world.facts[id_of(bare ? "table" : rest(1), rest(bare ? 1 : 2))].bytes = std::stoll(words.back());
  } else if (words[0] == "renamed") {
    world.renames.push_back({id_of(rest(1), rest(2)), id_of(rest(1), rest(3))});
  } else if (words[0] == "probe") {
    auto& probe = world.probes[id_of("column", rest(1))];
    for (std::size_t i = 2; i < words.size(); ++i) {
      (words[i] == "rewrites" ? probe.rewrites : words[i] == "scans" ? probe.scans : probe.builds) = true;
    }
  } else if (words[0] == "intent") {
    auto& intent = world.intents[id_of(rest(1), rest(2))];
    (rest(3) == "backfill" ? intent.backfill : intent.convert) = rest(4);
    if (words.size() > 5) intent.convert_before = rest(6);  // convert "…" before "…"
  } else if (words[0] == "rows") {
    for (std::size_t i = 3; i + 1 < words.size(); i += 2)
      tell_rows(world.row_probes[id_of(rest(1), rest(2))], words[i], words[i + 1]);
  } else {
    throw std::runtime_error("server, bytes, renamed, probe, rows or intent: " + text);
  }
}

class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path), stream_(path) {
    if (!stream_) throw std::runtime_error(path + " can't be read");
  }

  std::vector<World> run() {
    std::string text;
    while (std::getline(stream_, text)) {
      ++line_;
      try {
        take(text);
      } catch (const std::exception& error) {
        throw std::runtime_error(fmt::format("{}:{}: {}", path_, line_, error.what()));
      }
    }
    finish();
    return std::move(worlds_);
  }

 private:
  void take(const std::string& text) {
    if (text.starts_with("case: ")) {
      finish();
      world_ = World{.title = text.substr(6)};
      from_ = to_ = Side{};
      open_ = true;
    } else if (text == "from:" || text == "to:" || text == "told:" || text == "plan:") {
      section_ = text;
      if (text == "to:") to_ = from_;
    } else if (section_ == "plan:") {
      world_.expected += text + "\n";
    } else if (text.starts_with("  ") && text.size() > 2) {
      const std::string line = text.substr(2);
      if (section_ == "from:") add(from_, line_of(line));
      if (section_ == "to:") edit(to_, line);
      if (section_ == "told:") tell(world_, line);
    } else if (!text.empty() && text[0] != '#') {
      throw std::runtime_error("neither a section nor a line of one: " + text);
    }
  }

  void finish() {
    if (!open_) return;
    while (world_.expected.ends_with("\n\n")) world_.expected.pop_back();
    world_.from = catalog_of(from_);
    world_.to = catalog_of(to_);
    for (const auto& rename : world_.renames) {
      const auto intent = world_.intents.find(rename.to);
      if (intent == world_.intents.end()) continue;
      intent->second.renamed_from = {rename.from.path.back()};
      intent->second.renamed_in_this_plan = true;
    }
    worlds_.push_back(std::move(world_));
    open_ = false;
    section_.clear();
  }

  std::string path_, section_;
  std::ifstream stream_;
  std::vector<World> worlds_;
  World world_;
  Side from_, to_;
  int line_ = 0;
  bool open_ = false;
};

}  // namespace

std::vector<World> read_worlds(const std::string& path) {
  return Reader(path).run();
}

std::string blessed(const std::string& path) {
  const auto worlds = read_worlds(path);
  std::ifstream stream(path);
  std::string result, text;
  std::size_t next = 0;
  bool skipping = false;
  while (std::getline(stream, text)) {
    if (text.starts_with("case: ")) {
      if (skipping) result += "\n";
      skipping = false;
    }
    if (!skipping) result += text + "\n";
    if (text != "plan:") continue;
    result += planned(worlds.at(next++));
    skipping = true;
  }
  return result;
}

}  // namespace lockstep::testing
