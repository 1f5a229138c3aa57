"""The tables of the Sakila sample database that docker/relay/rules speaks of, with as many rows as it has, all invented."""
import random

SCHEMA = """
DROP DATABASE IF EXISTS sakila; CREATE DATABASE sakila; USE sakila;
CREATE TABLE country (country_id SMALLINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, country VARCHAR(50) NOT NULL, last_update TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP);
CREATE TABLE city (city_id SMALLINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, city VARCHAR(50) NOT NULL, country_id SMALLINT UNSIGNED NOT NULL,
  CONSTRAINT fk_city_country FOREIGN KEY (country_id) REFERENCES country (country_id) ON UPDATE CASCADE);
CREATE TABLE address (address_id SMALLINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, address VARCHAR(50) NOT NULL, address2 VARCHAR(50), district VARCHAR(20) NOT NULL,
  city_id SMALLINT UNSIGNED NOT NULL, postal_code VARCHAR(10), phone VARCHAR(20) NOT NULL,
  CONSTRAINT fk_address_city FOREIGN KEY (city_id) REFERENCES city (city_id) ON UPDATE CASCADE);
CREATE TABLE actor (actor_id SMALLINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, first_name VARCHAR(45) NOT NULL, last_name VARCHAR(45) NOT NULL, KEY (last_name));
CREATE TABLE category (category_id TINYINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, name VARCHAR(25) NOT NULL);
CREATE TABLE language (language_id TINYINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, name CHAR(20) NOT NULL);
CREATE TABLE film (film_id SMALLINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, title VARCHAR(128) NOT NULL, description TEXT, release_year YEAR, language_id TINYINT UNSIGNED NOT NULL,
  rental_rate DECIMAL(4,2) NOT NULL DEFAULT 4.99, length SMALLINT UNSIGNED, rating ENUM('G','PG','PG-13','R','NC-17') DEFAULT 'G',
  special_features SET('Trailers','Commentaries','Deleted Scenes','Behind the Scenes'), KEY (title),
  CONSTRAINT fk_film_language FOREIGN KEY (language_id) REFERENCES language (language_id) ON UPDATE CASCADE);
CREATE TABLE film_text (film_id SMALLINT UNSIGNED PRIMARY KEY, title VARCHAR(255) NOT NULL, description TEXT, FULLTEXT KEY (title, description));
CREATE TABLE film_actor (actor_id SMALLINT UNSIGNED NOT NULL, film_id SMALLINT UNSIGNED NOT NULL, PRIMARY KEY (actor_id, film_id));
CREATE TABLE film_category (film_id SMALLINT UNSIGNED NOT NULL, category_id TINYINT UNSIGNED NOT NULL, PRIMARY KEY (film_id, category_id));
CREATE TABLE store (store_id TINYINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, manager VARCHAR(45) NOT NULL);
CREATE TABLE staff (staff_id TINYINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, first_name VARCHAR(45), last_name VARCHAR(45), picture BLOB, email VARCHAR(50), username VARCHAR(16), password VARCHAR(40));
CREATE TABLE customer (customer_id SMALLINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, store_id TINYINT UNSIGNED NOT NULL, first_name VARCHAR(45) NOT NULL, last_name VARCHAR(45) NOT NULL,
  ssn CHAR(20), email VARCHAR(80), address_id SMALLINT UNSIGNED, active BOOLEAN NOT NULL DEFAULT TRUE, create_date DATETIME NOT NULL,
  last_update TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, UNIQUE KEY (email), KEY (last_name),
  CONSTRAINT fk_customer_address FOREIGN KEY (address_id) REFERENCES address (address_id) ON UPDATE CASCADE);
CREATE TABLE inventory (inventory_id MEDIUMINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, film_id SMALLINT UNSIGNED NOT NULL, store_id TINYINT UNSIGNED NOT NULL,
  CONSTRAINT fk_inventory_film FOREIGN KEY (film_id) REFERENCES film (film_id) ON UPDATE CASCADE);
CREATE TABLE rental (rental_id INT AUTO_INCREMENT PRIMARY KEY, rental_date DATETIME NOT NULL, inventory_id MEDIUMINT UNSIGNED NOT NULL, customer_id SMALLINT UNSIGNED NOT NULL, return_date DATETIME,
  CONSTRAINT fk_rental_customer FOREIGN KEY (customer_id) REFERENCES customer (customer_id) ON UPDATE CASCADE);
CREATE TABLE payment (payment_id INT AUTO_INCREMENT PRIMARY KEY, customer_id SMALLINT UNSIGNED NOT NULL, staff_id TINYINT UNSIGNED NOT NULL, rental_id INT, amount DECIMAL(5,2) NOT NULL,
  payment_date DATETIME NOT NULL, card_no VARCHAR(40),
  last_update TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP);
"""
ROWS = {"country": 109, "city": 600, "address": 603, "actor": 200, "category": 16, "language": 6, "film": 1000, "film_text": 1000, "film_actor": 5462,
        "film_category": 1000, "store": 2, "staff": 2, "customer": 599, "inventory": 4581, "rental": 16044, "payment": 16049}
# What the replica must have, as the source has it.
KEPT = {"country": "country_id, country", "city": "city_id, city, country_id", "address": "address_id, city_id", "category": "category_id, name",
        "language": "language_id, name", "film": "film_id, title, description, release_year, language_id, rental_rate, length, rating, special_features",
        "film_text": "film_id, title, description", "film_actor": "actor_id, film_id", "film_category": "film_id, category_id",
        "customer": "customer_id, store_id, active, create_date", "inventory": "inventory_id, film_id, store_id",
        "rental": "rental_id, rental_date, inventory_id, customer_id, return_date", "payment": "payment_id, customer_id, staff_id, rental_id, amount, payment_date"}
CHANGED = {"address": {"postal_code"}, "customer": {"email"}, "payment": {"card_no"}}
STAYING = ("actor", "staff", "store")


def load(personal, kept):
    """SQL that makes and fills the tables. personal, kept: functions that give a new token each time."""
    rnd = random.Random(4711)
    day = lambda: f"2026-{rnd.randint(1, 12):02d}-{rnd.randint(1, 28):02d} {rnd.randint(0, 23):02d}:{rnd.randint(0, 59):02d}:00"  # noqa: E731
    value = {
        "country": lambda i: (i, f"Land {i} æøå", day()),
        "city": lambda i: (i, f"City {i}", rnd.randint(1, ROWS["country"])),
        "address": lambda i: (i, f"{personal()} street", personal(), personal(), rnd.randint(1, ROWS["city"]), f"{rnd.randrange(10000):04d}", personal()),
        "actor": lambda i: (i, personal(), personal()),
        "category": lambda i: (i, f"category {i}"),
        "language": lambda i: (i, f"language {i}"),
        "film": lambda i: (i, f"{kept()} film", f"A tale of {i}", 2006, rnd.randint(1, 6), "2.99", rnd.randint(40, 200), rnd.choice(["G", "PG", "R"]), "Trailers,Deleted Scenes"),
        "film_text": lambda i: (i, f"film {i}", f"A tale of {i}"),
        "film_actor": lambda i: (i % 200 + 1, i // 200 + 1),
        "film_category": lambda i: (i, rnd.randint(1, 16)),
        "store": lambda i: (i, personal()),
        "staff": lambda i: (i, personal(), personal(), personal(), personal(), personal(), personal()),
        "customer": lambda i: (i, i % 2 + 1, personal(), personal(), personal(), f"{personal()}@example.com", rnd.randint(1, ROWS["address"]), i % 7 != 0, day(), day()),
        "inventory": lambda i: (i, rnd.randint(1, ROWS["film"]), i % 2 + 1),
        "rental": lambda i: (i, day(), rnd.randint(1, ROWS["inventory"]), rnd.randint(1, ROWS["customer"]), day()),
        "payment": lambda i: (i, rnd.randint(1, ROWS["customer"]), i % 2 + 1, min(i, ROWS["rental"]), f"{rnd.randrange(12)}.99", day(), personal(), day()),
    }
    parts = [SCHEMA]
    for table, count in ROWS.items():
        for begin in range(1, count + 1, 500):
            rows = (value[table](i) for i in range(begin, min(begin + 500, count + 1)))
            parts.append(f"INSERT INTO {table} VALUES " + ",".join(f"({', '.join(_literal(cell) for cell in row)})" for row in rows) + ";\n")
    return "".join(parts)


def changes(personal):
    """SQL of a day's work on them."""
    return f"""USE sakila;
UPDATE customer SET first_name='{personal()}', email=CONCAT('{personal()}', customer_id, '@example.org'), active=0 WHERE customer_id % 10 = 3;
UPDATE address SET phone='{personal()}', city_id=city_id % 600 + 1 WHERE address_id % 5 = 0;
DELETE FROM payment WHERE payment_id % 100 = 17;
INSERT INTO payment (customer_id, staff_id, amount, payment_date, card_no) VALUES (1, 1, 9.99, '2026-01-01', '{personal()}');
ALTER TABLE customer ADD COLUMN nickname VARCHAR(40);
UPDATE customer SET nickname='{personal()}';
"""


def _literal(cell):
    return str(int(cell)) if isinstance(cell, (bool, int)) else "'" + str(cell) + "'"
