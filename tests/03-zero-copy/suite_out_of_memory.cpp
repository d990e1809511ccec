#include "support/suite.hpp"

// The student's headers.
#include <zero_copy.hpp>

#include <utility>

#include "numbers.hpp"
#include "out_of_memory.hpp"

using cacheline::CowString;
using cacheline::CsvReader;
using cacheline::ProcessorStats;
using cacheline::SharedBytes;
using cacheline::StableStore;
using cacheline::ViewRegistry;
using cacheline::ZeroCopyProcessor;
using cacheline::support::FailingAllocation;
using cacheline::support::harmful_failures;
using cacheline::support::numbers;

TEST_CASE("a text is as before where there is no memory for a copy of it", "[cow]") {
    WHY("a text that is half borrowed and half owned is neither");
    const std::string source(300, 'x');
    CowString text = CowString::borrowed(source);
    const auto unharmed = [&] { return text.is_borrowed() && text.view().data() == source.data(); };
    CHECK(harmful_failures([&] { (void)text.to_mut(); }, unharmed) == "");
    CHECK_FALSE(text.is_borrowed());
    CHECK(text == source);
    text = CowString::borrowed(source);
    CHECK(harmful_failures([&] { (void)cacheline::to_upper(std::move(text)); }, unharmed) == "");

    const CowString original = CowString::owned(source);
    text = CowString::borrowed(source);
    CHECK(harmful_failures([&] { text = original; }, unharmed) == "");
    CHECK(text == source);
}

TEST_CASE("bytes and names are as before where there is no memory for more", "[slices]") {
    WHY("a failed call must not take its argument along, nor leave half a name behind");
    std::string given(300, 'x');
    SharedBytes adopted;
    CHECK(harmful_failures([&] { adopted = SharedBytes::adopt(std::move(given)); },
                           [&] { return given == std::string(300, 'x') && adopted.empty(); }) ==
          "");
    CHECK(adopted.size() == 300);

    ViewRegistry registry;
    const SharedBytes bytes = SharedBytes::copy_of("old");
    const std::string name = "a name that is too long for a string object";
    const std::string other = "another name that is too long for a string object";
    CHECK(harmful_failures([&] { registry.create_view(name, bytes); },
                           [&] {
                               return registry.size() == 0 && !registry.get_view(name) &&
                                      bytes.owners() == 1;
                           }) == "");
    CHECK(registry.size() == 1);
    CHECK(harmful_failures([&] { registry.create_view(name, adopted); },
                           [&] {
                               return registry.size() == 1 &&
                                      registry.get_view(name).value().text() == "old";
                           }) == "");
    CHECK(registry.get_view(name).value().size() == 300);
    CHECK(harmful_failures([&] { registry.create_view(other, bytes); },
                           [&] { return registry.size() == 1 && !registry.get_view(other); }) ==
          "");
}

TEST_CASE("a store is as before where there is no memory for more", "[store]") {
    WHY("what is counted before it is there will be counted for ever");
    StableStore<int> store;
    const std::vector<int> few = numbers(10);
    const std::vector<int> many = numbers(5000);
    std::size_t size = 0;
    std::size_t views = 0;
    std::size_t memory = 0;
    std::vector<int> given;
    const auto unharmed = [&] {
        return store.size() == size && store.views().size() == views &&
               store.memory_usage() == memory && (given.empty() || given.size() == 300);
    };
    // From an empty store on, through the growth of every list that it may keep.
    std::string harmful;
    for (int round = 0; round < 200; ++round) {
        harmful += harmful_failures([&] { store.append(round % 7 == 0 ? many : few); }, unharmed);
        size = store.size();
        views = store.views().size();
        memory = store.memory_usage();
        given = numbers(300);
        harmful += harmful_failures([&] { store.adopt(std::move(given)); }, unharmed);
        given.clear();
        size = store.size();
        views = store.views().size();
        memory = store.memory_usage();
    }
    CHECK(harmful == "");
    CHECK(store.size() == 29 * 5000 + 171 * 10 + 200 * 300);
    CHECK(store.views().size() == 400);
    CHECK(store.views().back()[299] == 299);
}

TEST_CASE("a reader tries a record again for which there was no memory", "[parse]") {
    WHY("a record that is lost, or counted twice, because memory was short once is found by "
        "nobody");
    const std::string quoted = "\"twice \"\"a text that is too long for a string object\"\"\",";
    std::string text;
    for (int record = 0; record < 60; ++record) {
        for (int field = 0; field < record; ++field)
            text += field % 5 == 2 ? quoted : "plain,";
        text += record % 3 == 0 ? "end\r\n" : "end\n";
    }
    for (std::size_t failing = 1; failing <= 3; ++failing) {
        CsvReader csv(text);
        CsvReader expected(text);
        std::string wrong;
        while (expected.next() && wrong.empty()) {
            const std::size_t copied = csv.bytes_copied();
            bool there = false;
            try {
                const FailingAllocation failure(failing);
                there = csv.next();
            } catch (const std::bad_alloc&) {
                if (csv.size() != 0) wrong += "a record is there that was not read; ";
                if (csv.bytes_copied() != copied) wrong += "what was not copied is counted; ";
            }
            if (!there && !csv.next()) wrong += "a record is missing; ";
            if (csv.size() != expected.size()) wrong += "a record has another size; ";
            for (std::size_t i = 0; i < expected.size() && wrong.empty(); ++i)
                if (csv[i] != expected[i]) wrong += "a field is another; ";
            if (csv.bytes_copied() != expected.bytes_copied()) wrong += "bytes_copied is wrong; ";
        }
        INFO("allocation " << failing << " of each call fails");
        CHECK(wrong == "");
        CHECK_FALSE(csv.next());
    }
}

TEST_CASE("a call that runs out of memory is not in the books", "[batch]") {
    WHY("what was not copied must not be counted as a copy");
    ZeroCopyProcessor processor;
    const std::string lower(300, 'x');
    const std::vector<std::string_view> texts = {"UPPER", lower, lower};
    const SharedBytes bytes = SharedBytes::copy_of(lower);
    const std::vector<int> input = numbers(100);
    ProcessorStats before = processor.stats();
    const auto unharmed = [&] { return processor.stats() == before; };
    CHECK(harmful_failures([&] { (void)processor.process_strings(texts); }, unharmed) == "");
    before = processor.stats();
    CHECK(harmful_failures(
              [&] {
                  std::vector<std::string> output;
                  processor.process_with_reuse(texts, output);
              },
              unharmed) == "");
    before = processor.stats();
    const auto flip = [](std::byte b) { return ~b; };
    CHECK(harmful_failures([&] { (void)processor.process_bytes(bytes, flip); }, unharmed) == "");
    before = processor.stats();
    const auto half = [](int x) { return x / 2.0; };
    CHECK(harmful_failures([&] { (void)processor.process_batch(input, half); }, unharmed) == "");
    CHECK(processor.stats().total_processed == 3 + 3 + 1 + 100);
}
