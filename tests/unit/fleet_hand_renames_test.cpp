// Which renames made by hand are believed, by the OIDs of the record and of the live database.
#include <catch2/catch.hpp>

#include "fleet/hand_renames.h"
#include "object_id.h"

using namespace lockstep;
using catalog::Change;
using catalog::Object;
using catalog::ObjectId;

namespace {

ObjectId table(const std::string& name) {
  return testing::id("table", {"app", name});
}

Object object(const ObjectId& id, std::optional<ObjectId> parent) {
  Object made;
  made.id = id;
  made.parent = std::move(parent);
  return made;
}

// A schema with the tables `names`, whose OIDs begin with `first`, as a record and as a live database.
struct World {
  std::vector<Object> objects;
  reconciler::Addresses addresses;
  World(const std::vector<std::string>& names, std::uint32_t first) {
    const ObjectId schema = testing::id("schema", {"app"});
    objects.push_back(object(schema, {}));
    addresses[schema] = {2615, first, 0};
    for (const std::string& name : names) {
      objects.push_back(object(table(name), schema));
      addresses[objects.back().id] = {1259, ++first, 0};
    }
  }
  reconciler::State record() const { return {catalog::Catalog(objects), {}, addresses}; }
  postgres::Snapshot live() const {
    postgres::Snapshot snapshot;
    snapshot.catalog = catalog::Catalog(objects);
    for (const auto& [id, address] : addresses) snapshot.addresses[address] = id;
    return snapshot;
  }
};

}  // namespace

TEST_CASE("a table under a new name with the recorded OID was renamed") {
  const World before({"a", "b"}, 100), after({"a", "c"}, 100);
  const std::vector<Change> changes{{Change::What::removed, table("b"), {}}, {Change::What::added, table("c"), {}}};
  const auto found = fleet::find_hand_renames(changes, before.record(), after.live());
  REQUIRE(found.renames.size() == 1);
  CHECK(found.renames[0].from == table("b"));
  CHECK(found.renames[0].to == table("c"));
  CHECK(found.possible_renames.empty());
}

TEST_CASE("the OIDs of a record that came from another database prove nothing") {
  const World before({"a", "b", "d"}, 100);  // restored in another order: c has the OID of b
  const std::vector<Change> changes{{Change::What::removed, table("b"), {}}, {Change::What::added, table("c"), {}}};
  const auto found = fleet::find_hand_renames(changes, before.record(), World({"d", "c", "a"}, 100).live());
  CHECK(found.renames.empty());
  REQUIRE(found.possible_renames.size() == 1);
  CHECK(found.possible_renames[0].find("renamed from b") != std::string::npos);
}
