// Where the files have one each for objects of a kind, a new object gets one too, beside theirs and named as theirs are.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "catalog/object.h"
#include "fleet/item_subjects.h"

namespace lockstep::fleet {

struct OwnFile {
  std::string path;
  std::size_t like = 0;  // the file, of those that were read, whose neighbour it becomes
};
// Absent: it belongs into a file that is there. `is_read`: whether a file of this path would belong to the desired state.
std::optional<OwnFile> own_file(const ItemSubjects& have, const std::vector<parser::ast::File>& files,
                                const catalog::ObjectId& id, const std::function<bool(const std::string&)>& is_read);

}  // namespace lockstep::fleet
