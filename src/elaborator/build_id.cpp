#include "elaborator/build_id.h"

#include <fmt/format.h>
#ifdef __linux__
#include <elf.h>
#include <link.h>
#endif

#include <cstring>
#include <fstream>
#include <iterator>
#include <span>

#include "support/digest.h"

namespace lockstep::elaborator {
namespace {

#ifdef __linux__
// Notes follow each other: a header, the owner's name, the description, each padded to four bytes.
std::string build_id_in(std::span<const unsigned char> notes) {
  constexpr std::string_view kOwner("GNU\0", 4);
  const auto padded = [](std::size_t size) { return (size + 3U) & ~std::size_t{3}; };
  while (notes.size() >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) note;
    std::memcpy(&note, notes.data(), sizeof note);
    notes = notes.subspan(sizeof note);
    const std::size_t owner = padded(note.n_namesz), description = padded(note.n_descsz);
    if (owner + description > notes.size()) return {};
    const bool gnu = note.n_namesz == kOwner.size() && std::memcmp(notes.data(), kOwner.data(), kOwner.size()) == 0;
    if (gnu && note.n_type == NT_GNU_BUILD_ID) return fmt::format("{:02x}", fmt::join(notes.subspan(owner, note.n_descsz), ""));
    notes = notes.subspan(owner + description);
  }
  return {};
}

int look_at(dl_phdr_info* object, std::size_t, void* found) {
  for (const auto& header : std::span(object->dlpi_phdr, object->dlpi_phnum)) {
    if (header.p_type != PT_NOTE) continue;
    const auto* begin = reinterpret_cast<const unsigned char*>(object->dlpi_addr + header.p_vaddr);  // NOLINT
    auto id = build_id_in({begin, header.p_memsz});
    if (id.empty()) continue;
    *static_cast<std::string*>(found) = std::move(id);
    break;
  }
  return 1;  // the program is the first object; its libraries don't count
}
#endif

std::string compute() {
  std::string id;
#ifdef __linux__
  ::dl_iterate_phdr(look_at, &id);
#endif
  if (!id.empty()) return id;
  std::ifstream program("/proc/self/exe", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(program), {}};
  return bytes.empty() ? std::string() : support::sha256(bytes);
}

}  // namespace

const std::string& build_id() {
  static const std::string id = compute();
  return id;
}

}  // namespace lockstep::elaborator
