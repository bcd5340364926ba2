#include "postgres/object_reader.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <future>

#include "kinds/registry.h"
#include "support/error.h"

namespace lockstep::postgres {

using catalog::Index;
using catalog::Object;
using catalog::Value;
using kinds::AttrSpec;
using kinds::KindSpec;
using kinds::ValueType;

class KindRows {
 public:
  struct Source {
    const KindSpec* kind = nullptr;
    Result result;
    std::vector<std::pair<const AttrSpec*, std::size_t>> attributes;  // by name, with its column
  };
  std::vector<Source> sources;  // in the registry's order
};

namespace {

using Source = KindRows::Source;

// The columns of a query's result that kind.h describes.
enum Column : std::size_t { kOwnAddress = 0, kParentAddress = 3, kName = 6, kKey = 7, kFirstAttribute = 8 };

constexpr Index kUnread = static_cast<Index>(-1);
constexpr Index kLeftOut = static_cast<Index>(-2);

struct Row {
  const Source* source = nullptr;
  std::size_t row = 0;
  Address address, parent;
  Index object = kUnread;
};

Source run_query(Session& session, const KindSpec& kind) {
  Source source;
  source.kind = &kind;
  source.result = session.execute({kind.introspect, session.server_version()});
  for (std::size_t column = kFirstAttribute; column < source.result.columns(); ++column) {
    const AttrSpec* spec = kinds::attribute(kind, source.result.column_name(column));
    if (!spec) {
      throw support::InternalError("the query of kind " + std::string(kind.tag.name) + " has a column " +
                                   std::string(source.result.column_name(column)) + " that is no attribute");
    }
    source.attributes.emplace_back(spec, column);
  }
  std::sort(source.attributes.begin(), source.attributes.end(),
            [](const auto& a, const auto& b) { return a.first->name < b.first->name; });
  return source;
}

Value value_of(const AttrSpec& spec, const Result& result, std::size_t row, std::size_t column) {
  const auto text = result.at(row, column);
  if (!text) return {};
  switch (spec.type) {
    case ValueType::boolean:
      return *text == "t";
    case ValueType::integer:
      return result.integer(row, column);
    case ValueType::list:
      return parse_array(*text);
    case ValueType::text:
      return std::string(*text);
  }
  return {};
}

class Reader {
 public:
  Reader(const KindRows& read, const AddressSet& members, AddressSet transitional, const FormerNames& former)
      : members_(members) {
    result_.left_out = std::move(transitional);
    for (const auto& [address, name] : former) {
      result_.left_out.erase(address);
      former_.emplace(address, name);
    }
    std::size_t count = 0;
    for (const Source& source : read.sources) count += source.result.size();
    rows_.reserve(count);
    by_address_.reserve(count);
    for (const Source& source : read.sources) add_rows(source);
  }

  ReadObjects read() {
    result_.objects.reserve(rows_.size());
    result_.by_address.reserve(rows_.size());
    for (Row& row : rows_) resolve(row, 0);
    return std::move(result_);
  }

 private:
  void add_rows(const Source& source) {
    for (std::size_t i = 0; i < source.result.size(); ++i) {
      Row row{&source, i, address_at(source.result, i, kOwnAddress), address_at(source.result, i, kParentAddress), kUnread};
      if (row.address.catalog != 0) by_address_.emplace(row.address, rows_.size());
      rows_.push_back(row);
    }
  }

  Index resolve(Row& row, int depth) {
    if (row.object != kUnread) return row.object;
    if (depth > 16) throw support::InternalError("a cycle among the parents of " + std::string(row.source->kind->tag.name));
    row.object = kLeftOut;
    if (members_.count(row.address.whole())) return kLeftOut;
    Index parent = kUnread;
    if (row.parent.catalog != 0) {
      const auto found = by_address_.find(row.parent);
      parent = found == by_address_.end() ? kLeftOut : resolve(rows_[found->second], depth + 1);
      if (parent == kLeftOut) return kLeftOut;
    }
    if (result_.left_out.contains(row.address)) {
      result_.transitional.emplace_back(row.address, make(row, parent));
      return kLeftOut;
    }
    row.object = static_cast<Index>(result_.objects.size());
    result_.objects.push_back(make(row, parent));
    if (row.address.catalog != 0) result_.by_address.emplace(row.address, row.object);
    return row.object;
  }

  Object make(const Row& row, Index parent) const {
    const KindSpec& kind = *row.source->kind;
    const Result& result = row.source->result;
    Object object;
    object.id.kind = &kind.tag;
    catalog::Path::Names path;
    if (parent != kUnread) {
      object.parent = result_.objects[parent].id;
      path.reserve(object.parent->path.size() + 2);
      if (kind.is_satellite()) path.emplace_back(object.parent->kind->name);
      path.insert(path.end(), object.parent->path.begin(), object.parent->path.end());
    }
    const auto former = former_.find(row.address);
    if (former != former_.end()) {
      path.push_back(former->second);
    } else if (const auto name = result.at(row.row, kName)) {
      path.emplace_back(*name);
    }
    if (const auto key = result.at(row.row, kKey)) path.emplace_back(*key);
    object.id.path = std::move(path);
    catalog::Attributes::Items& attributes = object.attributes.own();
    attributes.reserve(row.source->attributes.size());
    for (const auto& [spec, column] : row.source->attributes) {
      Value value = value_of(*spec, result, row.row, column);
      if (!catalog::is_absent(value)) attributes.emplace_back(spec->name, std::move(value));
    }
    attributes.shrink_to_fit();
    return object;
  }

  const AddressSet& members_;
  std::unordered_map<Address, std::string, AddressHash> former_;
  std::vector<Row> rows_;
  std::unordered_map<Address, std::size_t, AddressHash> by_address_;  // index into rows_
  ReadObjects result_;
};

template <class Integer>
Integer number(const Result& result, std::size_t row, std::size_t column) {
  const std::string_view text = result.at(row, column).value_or("");
  Integer value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

Address address_at(const Result& result, std::size_t row, std::size_t column) {
  return {number<std::uint32_t>(result, row, column), number<std::uint32_t>(result, row, column + 1),
          number<std::int32_t>(result, row, column + 2)};
}

std::shared_ptr<const KindRows> read_rows(Session& session, Session* beside, const std::vector<Reading>& others) {
  auto rows = std::make_shared<KindRows>();
  std::vector<Reading> readings = others;
  std::vector<const KindSpec*> kinds;
  for (const KindSpec* kind : kinds::all()) {
    if (kind->introspect) kinds.push_back(kind);
  }
  rows->sources.resize(kinds.size());
  for (std::size_t i = 0; i < kinds.size(); ++i)
    readings.emplace_back([&, i](Session& with) { rows->sources[i] = run_query(with, *kinds[i]); });
  std::atomic<std::size_t> next{0};
  const auto work = [&](Session& with) {
    try {
      for (std::size_t i = next++; i < readings.size(); i = next++) readings[i](with);
    } catch (...) {
      next = readings.size();  // the other one needn't go on
      throw;
    }
  };
  if (beside == nullptr) {
    work(session);
    return rows;
  }
  auto other = std::async(std::launch::async, [&] { work(*beside); });
  work(session);  // the future waits for the other one, also when this throws
  other.get();
  return rows;
}

ReadObjects read_objects(const KindRows& rows, const AddressSet& members, AddressSet transitional, const FormerNames& former) {
  return Reader(rows, members, std::move(transitional), former).read();
}

}  // namespace lockstep::postgres
