import pathlib
import tempfile
import unittest

import layering


class Layering(unittest.TestCase):
    def breaches_of(self, files):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return list(layering.breaches(folder))

    def test_an_include_that_points_down_or_stays_in_its_room_passes(self):
        self.assertEqual([], self.breaches_of({
            "relay/binlog/a.cc": '#include "relay/base/result.h"\n#include "relay/binlog/a.h"\n#include <vector>\n',
            "scrub_rules/a.cc": '#include "relay/sql/ddl.h"\n',
        }))

    def test_an_include_that_points_up_is_a_breach(self):
        found = self.breaches_of({"relay/binlog/a.cc": '#include "relay/spool/spool_reader.h"\n'})
        self.assertEqual(1, len(found))
        self.assertIn("relay/binlog/a.cc", found[0])

    def test_rooms_of_one_floor_do_not_see_each_other(self):
        self.assertEqual(1, len(self.breaches_of({"relay/spool/a.h": '#  include "relay/wire/packet.h"\n'})))
        self.assertEqual(1, len(self.breaches_of({"tunnel/a.h": '#include "relay/binlog/flavor.h"\n'})))

    def test_the_proof_sees_nothing_of_what_it_proves(self):
        for room in ("relay/binlog/table_map.h", "relay/sql/ddl.h", "scrub_rules/table_plan.h", "relay/spool/spool_writer.h"):
            self.assertEqual(1, len(self.breaches_of({"relay/proof/a.cc": f'#include "{room}"\n'})))

    def test_an_include_without_the_path_from_the_root_is_a_breach(self):
        self.assertEqual(1, len(self.breaches_of({"relay/spool/a.cc": '#include "a.h"\n'})))

    def test_a_room_that_has_no_place_is_a_breach(self):
        self.assertEqual(1, len(self.breaches_of({"relay/attic/a.cc": ""})))

    def test_the_client_library_is_the_business_of_one_file(self):
        self.assertEqual(1, len(self.breaches_of({"relay/app/a.cc": "#include <mysql/mysql.h>\n"})))


if __name__ == "__main__":
    unittest.main()
