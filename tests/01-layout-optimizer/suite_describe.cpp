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
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

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

enum class Mode : unsigned char { kOff, kOn };

struct Flags {
    char first;
    unsigned a : 3;
    int b : 30;
    bool c : 1;
    Mode d : 2;
    unsigned long long e : 33;
};

struct __attribute__((packed)) PackedFlags {
    unsigned a : 3;
    int b : 30;
    unsigned short c : 9;
};

union Value {
    long long number;
    char text[13];
    double real;
};

#pragma pack(push, 2)
struct PackedToTwo {
    char c;
    int i;
    double d;
};
#pragma pack(pop)

struct PackedInPart {
    char c;
    int i __attribute__((packed));
    double d;
};

struct Packet {
    int size;
    __extension__ short data[0];
};

struct Base {
    int id;
};

struct Derived : Base {
    int more;
};

struct Virtual {
    virtual ~Virtual() = default;
    int value = 0;
};

struct Empty {};

struct Overlaid {
    [[no_unique_address]] Empty empty;
    int value;
};

struct Members {
    int Order::*data;
    void (Derived::*function)();
    char c;
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

TEST_CASE("bit-fields, unions and packed parts are described and lie as this compiler has them",
          "[place]") {
    WHY("what a description leaves out is laid out without a word, and wrong");
    const auto described = [](const Record& record, std::size_t size, std::size_t align) {
        INFO(declaration(record));
        const Layout layout = place(record, host_target());
        CHECK(layout.size == size);
        CHECK(layout.align == align);
    };
    const Record flags = CACHELINE_DESCRIBE(Flags, first, a, b, c, d, e);
    described(flags, sizeof(Flags), alignof(Flags));
    CHECK(flags.fields[2].bits == 30U);
    const Record packed_flags = CACHELINE_DESCRIBE(PackedFlags, a, b, c);
    described(packed_flags, sizeof(PackedFlags), alignof(PackedFlags));
    CHECK(packed_flags.packed);
    const Record value = CACHELINE_DESCRIBE(Value, number, text, real);
    described(value, sizeof(Value), alignof(Value));
    CHECK(value.is_union);
    const Record to_two = CACHELINE_DESCRIBE(PackedToTwo, c, i, d);
    described(to_two, sizeof(PackedToTwo), alignof(PackedToTwo));
    CHECK(to_two.pack == 2);
    const Record in_part = CACHELINE_DESCRIBE(PackedInPart, c, i, d);
    described(in_part, sizeof(PackedInPart), alignof(PackedInPart));
    CHECK(in_part.fields[1].packed);
    described(CACHELINE_DESCRIBE(Members, data, function, c), sizeof(Members), alignof(Members));
    const Record packet = CACHELINE_DESCRIBE(Packet, size, data);
    described(packet, sizeof(Packet), alignof(Packet));
    CHECK(packet.fields[1].flexible);
}

TEST_CASE("a description that is not the whole type is refused by its member", "[place]") {
    WHY("a forgotten member or a base class makes every number wrong that follows from it");
    const auto refused = [](auto describe, const char* member) {
        CHECK_THROWS_MATCHES(describe(), std::invalid_argument,
                             MessageMatches(ContainsSubstring(member)));
    };
    refused([] { return CACHELINE_DESCRIBE(Order, side, lots, venue, live, sign, exact); }, "lots");
    refused([] { return CACHELINE_DESCRIBE(PackedInPart, c, i); }, "i");
    refused([] { return CACHELINE_DESCRIBE(Flags, first, a, c, d, e); }, "c");
    refused([] { return CACHELINE_DESCRIBE(Derived, more); }, "more");
    refused([] { return CACHELINE_DESCRIBE(Virtual, value); }, "value");
    refused([] { return CACHELINE_DESCRIBE(Overlaid, empty, value); }, "value");
    CHECK(CACHELINE_DESCRIBE(Derived, id, more).fields.size() == 2);
}

TEST_CASE("what this machine alone can say of a type is refused for others", "[place]") {
    WHY("an opaque class keeps the size it has here, and a long may have been a size_t");
    const Record record =
        CACHELINE_DESCRIBE(struct rusage, ru_utime, ru_stime, ru_maxrss, ru_ixrss, ru_idrss,
                           ru_isrss, ru_minflt, ru_majflt, ru_nswap, ru_inblock, ru_oublock,
                           ru_msgsnd, ru_msgrcv, ru_nsignals, ru_nvcsw, ru_nivcsw);
    const Target& foreign = target(host_target().name == "i386-linux" ? "arm-linux" : "i386-linux");
    CHECK_THROWS_MATCHES(place(record, foreign), std::invalid_argument,
                         MessageMatches(ContainsSubstring("ru_utime")));
    Record scalars = record;
    scalars.fields.erase(scalars.fields.begin(), scalars.fields.begin() + 2);
    if (sizeof(long) == 8)
        CHECK_THROWS_MATCHES(place(scalars, foreign), std::invalid_argument,
                             MessageMatches(ContainsSubstring("ru_maxrss")));
}
