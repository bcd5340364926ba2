// The address of an object in PostgreSQL's catalogs: the key of pg_depend and pg_description.
#pragma once

#include <cstdint>
#include <functional>

namespace lockstep::postgres {

struct Address {
  std::uint32_t catalog = 0;  // OID of pg_class, pg_proc, …; 0: none
  std::uint32_t object = 0;   // OID in it
  std::int32_t sub = 0;       // attribute number of a column, else 0
  friend auto operator<=>(const Address&, const Address&) = default;
  Address whole() const { return {catalog, object, 0}; }
};

struct AddressHash {
  std::size_t operator()(const Address& address) const {
    // OIDs are assigned in sequence, so mix the bits.
    const std::uint64_t both = (std::uint64_t{address.object} << 32U) ^ (std::uint64_t{address.catalog} << 12U) ^
                               static_cast<std::uint32_t>(address.sub);
    return static_cast<std::size_t>((both ^ (both >> 29U)) * 0x9E3779B97F4A7C15ULL);
  }
};

}  // namespace lockstep::postgres
