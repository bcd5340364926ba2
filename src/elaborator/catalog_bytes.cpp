#include "elaborator/catalog_bytes.h"

#include <unordered_map>

#include "kinds/registry.h"
#include "support/error.h"

namespace lockstep::elaborator {
namespace {

using catalog::Catalog;
using catalog::Edge;
using catalog::Index;
using catalog::List;
using catalog::Object;
using catalog::ObjectId;
using catalog::Value;

enum class Type : std::uint8_t { no, yes, integer, text, list };

class Writer {
 public:
  void number(std::uint64_t value) {
    for (; value >= 0x80U; value >>= 7U) bytes_ += static_cast<char>(value | 0x80U);
    bytes_ += static_cast<char>(value);
  }
  void text(std::string_view value) {
    number(value.size());
    bytes_ += value;
  }
  void name(std::string_view value) { number(names_.try_emplace(value, names_.size()).first->second); }

  void value(const Value& value) {
    if (const auto* flag = std::get_if<bool>(&value)) {
      number(static_cast<std::uint64_t>(*flag ? Type::yes : Type::no));
    } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      number(static_cast<std::uint64_t>(Type::integer));
      number(static_cast<std::uint64_t>(*integer));
    } else if (const auto* string = std::get_if<std::string>(&value)) {
      number(static_cast<std::uint64_t>(Type::text));
      text(*string);
    } else {
      const List& items = std::get<List>(value);
      number(static_cast<std::uint64_t>(Type::list));
      number(items.size());
      for (const auto& item : items) text(item);
    }
  }

  std::string done() const {
    Writer front;
    std::vector<std::string_view> names(names_.size());
    for (const auto& [name, place] : names_) names[place] = name;
    front.number(names.size());
    for (const auto& name : names) front.text(name);
    return front.bytes_ + bytes_;
  }

 private:
  std::string bytes_;
  std::unordered_map<std::string_view, std::size_t> names_;  // views into the catalog
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {
    names_.resize(count());
    for (auto& name : names_) name = text();
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1).front());
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80U) return value;
    }
    broken();
  }
  // A count of items of at least so many bytes each, so it can't exceed the remaining bytes.
  std::size_t count(std::size_t least = 1) {
    const std::uint64_t value = number();
    if (value > rest_.size() / least) broken();
    return value;
  }
  std::string_view text() { return take(count()); }
  std::string_view name() {
    const std::uint64_t place = number();
    if (place >= names_.size()) broken();
    return names_[place];
  }
  Value value() {
    switch (static_cast<Type>(number())) {
      case Type::no:
        return false;
      case Type::yes:
        return true;
      case Type::integer:
        return static_cast<std::int64_t>(number());
      case Type::text:
        return std::string(text());
      case Type::list: {
        List items(count());
        for (auto& item : items) item = text();
        return items;
      }
    }
    broken();
  }
  bool empty() const { return rest_.empty(); }
  [[noreturn]] static void broken() { throw support::InternalError("these bytes are no catalog"); }

 private:
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) broken();
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest_;
  std::vector<std::string_view> names_;
};

}  // namespace

std::string to_bytes(const Catalog& catalog) {
  Writer to;
  to.number(catalog.objects().size());
  for (Index i = 0; i < catalog.objects().size(); ++i) {
    const Object& object = catalog.at(i);
    to.name(object.id.kind->name);
    to.number(object.id.path.size());
    for (const auto& part : object.id.path) to.name(part);
    const auto parent = catalog.parent(i);
    to.number(parent ? 1 + std::uint64_t{*parent} : 0);
    to.number(object.attributes.size());
    for (const auto& [name, value] : object.attributes) {
      to.name(name);
      to.value(value);
    }
  }
  const auto edges = catalog.edges();
  to.number(edges.size());
  for (const Edge& edge : edges) {
    to.number(edge.dependent);
    to.number(edge.referenced);
    to.number(edge.automatic ? 1 : 0);
  }
  return to.done();
}

Catalog catalog_from(std::string_view bytes) {
  Reader from(bytes);
  std::vector<Object> objects(from.count(4));  // four numbers
  std::vector<std::uint64_t> parents(objects.size());
  for (std::size_t i = 0; i < objects.size(); ++i) {
    Object& object = objects[i];
    const auto* kind = kinds::find(from.name());
    if (kind == nullptr) Reader::broken();
    object.id.kind = &kind->tag;
    catalog::Path::Names path(from.count());
    for (auto& part : path) part = from.name();
    object.id.path = std::move(path);
    parents[i] = from.number();
    catalog::Attributes::Items& attributes = object.attributes.own();
    attributes.resize(from.count(2));
    for (auto& [name, value] : attributes) {
      const auto* attribute = kinds::attribute(*kind, from.name());
      if (attribute == nullptr) Reader::broken();
      name = attribute->name;
      value = from.value();
    }
  }
  for (std::size_t i = 0; i < objects.size(); ++i) {
    if (parents[i] > objects.size()) Reader::broken();
    if (parents[i] > 0) objects[i].parent = objects[parents[i] - 1].id;
    constexpr int kDeepest = 16;  // an imported entry may have a circle of parents
    int depth = 0;
    for (std::uint64_t above = parents[i]; above > 0; above = parents[above - 1]) {
      if (above > objects.size() || ++depth > kDeepest) Reader::broken();
    }
  }
  std::vector<Edge> edges(from.count(3));
  for (Edge& edge : edges) {
    edge.dependent = static_cast<Index>(from.number());
    edge.referenced = static_cast<Index>(from.number());
    edge.automatic = from.number() != 0;
    if (edge.dependent >= objects.size() || edge.referenced >= objects.size()) Reader::broken();
  }
  if (!from.empty()) Reader::broken();
  return Catalog(std::move(objects), std::move(edges));
}

}  // namespace lockstep::elaborator
