#include "support/suite.hpp"

#include <netdb.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cstddef>
#include <ctime>
#include <describe.hpp>
#include <layout_optimizer.hpp>

using namespace cacheline;

namespace {

#define OFFSET_OF(member) offsetof(Described, member),

// Checks place() of a described type against what this compiler has made of it.
#define CHECK_DESCRIBED(type, ...)                                               \
    do {                                                                         \
        using Described = type;                                                  \
        const std::vector<std::size_t> offsets = {                               \
            CACHELINE_DETAIL_FOR_EACH(OFFSET_OF, __VA_ARGS__)};                  \
        check(CACHELINE_DESCRIBE(type, __VA_ARGS__), offsets, sizeof(Described), \
              alignof(Described));                                               \
    } while (false)

void check(const Record& record, const std::vector<std::size_t>& offsets, std::size_t size,
           std::size_t align) {
    INFO(declaration(record));
    const Layout layout = place(record, host_target());
    std::vector<std::size_t> got;
    for (const FieldLayout& field : layout.fields)
        got.push_back(field.offset);
    CHECK(got == offsets);
    CHECK(layout.size == size);
    CHECK(layout.align == align);
}

enum class Side : unsigned char { kBuy, kSell };

struct Order {
    Side side;
    double price;
    int lots[2][3];
    const char* venue;
    alignas(32) bool live;
    wchar_t sign;
    long double exact;
};

struct alignas(64) Counter {
    unsigned long long value;
    short tag;
};

}  // namespace

TEST_CASE("structs of the system's headers lie as this compiler has them", "[place]") {
    WHY("a model of layouts is worth what it says of real structs");
#if defined(__x86_64__)
    CHECK_DESCRIBED(struct stat, st_dev, st_ino, st_nlink, st_mode, st_uid, st_gid, __pad0, st_rdev,
                    st_size, st_blksize, st_blocks, st_atim, st_mtim, st_ctim, __glibc_reserved);
#elif defined(__aarch64__)
    CHECK_DESCRIBED(struct stat, st_dev, st_ino, st_mode, st_nlink, st_uid, st_gid, st_rdev, __pad1,
                    st_size, st_blksize, __pad2, st_blocks, st_atim, st_mtim, st_ctim,
                    __glibc_reserved);
#endif
    CHECK_DESCRIBED(struct tm, tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday, tm_yday,
                    tm_isdst, tm_gmtoff, tm_zone);
    CHECK_DESCRIBED(struct rusage, ru_utime, ru_stime, ru_maxrss, ru_ixrss, ru_idrss, ru_isrss,
                    ru_minflt, ru_majflt, ru_nswap, ru_inblock, ru_oublock, ru_msgsnd, ru_msgrcv,
                    ru_nsignals, ru_nvcsw, ru_nivcsw);
    CHECK_DESCRIBED(struct addrinfo, ai_flags, ai_family, ai_socktype, ai_protocol, ai_addrlen,
                    ai_addr, ai_canonname, ai_next);
    CHECK_DESCRIBED(struct epoll_event, events, data);
}

TEST_CASE("structs of one's own lie as this compiler has them", "[place]") {
    WHY("enums, arrays of arrays, pointers and alignas are what real structs are made of");
    CHECK_DESCRIBED(Order, side, price, lots, venue, live, sign, exact);
    CHECK_DESCRIBED(Counter, value, tag);
}
