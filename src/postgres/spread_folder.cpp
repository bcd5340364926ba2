#include "postgres/spread_folder.h"

#include <fcntl.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/fs.h>
#include <sys/ioctl.h>
#endif

namespace lockstep::postgres {

void spread_subfolders(const std::string& folder) {
#if defined(FS_IOC_SETFLAGS) && defined(FS_TOPDIR_FL)
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return;
  int flags = 0;  // the kernel reads and writes an int, whatever the request's own type says
  if (::ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 && (flags & FS_TOPDIR_FL) == 0) {
    flags |= FS_TOPDIR_FL;
    static_cast<void>(::ioctl(fd, FS_IOC_SETFLAGS, &flags));
  }
  ::close(fd);
#else
  static_cast<void>(folder);
#endif
}

}  // namespace lockstep::postgres
