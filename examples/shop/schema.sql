-- The tables of a shop, the accounts that use them, and a year of its business.
-- `serve` runs this once, with the folder and the passwords in place of the names between @s. The CSV files lie in
-- @FOLDER@/load: items.csv (item,title,category,department,brand,price) and
-- events.csv (user,item,event,weight,time,basket), the latter in the form that `reco train` reads as well.

DROP DATABASE IF EXISTS shop;
CREATE DATABASE shop CHARACTER SET utf8mb4;
USE shop;
SET sql_mode = 'STRICT_ALL_TABLES', time_zone = '+00:00', sort_buffer_size = 134217728;

CREATE TABLE departments (
    id SMALLINT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(80) NOT NULL UNIQUE
);
CREATE TABLE categories (
    id SMALLINT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
    department_id SMALLINT UNSIGNED NOT NULL,
    name VARCHAR(80) NOT NULL,
    UNIQUE (department_id, name)
);
CREATE TABLE products (
    id INT UNSIGNED PRIMARY KEY,
    category_id SMALLINT UNSIGNED NOT NULL,
    title VARCHAR(200) NOT NULL,
    brand VARCHAR(80) NOT NULL,
    price DECIMAL(8, 2) NOT NULL,
    sold INT UNSIGNED NOT NULL COMMENT 'orders that it was in'
);
CREATE TABLE customers (
    id INT UNSIGNED PRIMARY KEY,
    orders INT UNSIGNED NOT NULL,
    last_order DATETIME NOT NULL
);
CREATE TABLE orders (
    id BIGINT UNSIGNED PRIMARY KEY,
    customer_id INT UNSIGNED NOT NULL,
    ordered_at DATETIME NOT NULL
);
CREATE TABLE order_items (
    order_id BIGINT UNSIGNED NOT NULL,
    product_id INT UNSIGNED NOT NULL,
    quantity INT UNSIGNED NOT NULL,
    unit_price DECIMAL(8, 2) NOT NULL,
    PRIMARY KEY (order_id, product_id)
);
CREATE TABLE clicks (
    id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
    customer_id INT UNSIGNED NOT NULL,
    product_id INT UNSIGNED NOT NULL,
    kind ENUM('view', 'cart') NOT NULL,
    clicked_at DATETIME NOT NULL
);
-- The only table that pages write to. A cart belongs to whoever holds the cookie with its name.
CREATE TABLE cart_items (
    cart CHAR(32) CHARACTER SET ascii NOT NULL,
    product_id INT UNSIGNED NOT NULL,
    quantity SMALLINT UNSIGNED NOT NULL,
    added_at DATETIME NOT NULL,
    PRIMARY KEY (cart, product_id),
    KEY (added_at)
);

-- Rows as they come; the shop's own tables are made from them.
CREATE TEMPORARY TABLE item_rows (
    item INT UNSIGNED PRIMARY KEY, title VARCHAR(200) NOT NULL, category VARCHAR(80) NOT NULL,
    department VARCHAR(80) NOT NULL, brand VARCHAR(80) NOT NULL, price DECIMAL(8, 2) NOT NULL
) ENGINE = Aria TRANSACTIONAL = 0;
CREATE TEMPORARY TABLE event_rows (
    user INT UNSIGNED NOT NULL, item INT UNSIGNED NOT NULL, event ENUM('view', 'cart', 'purchase') NOT NULL,
    weight INT UNSIGNED NOT NULL, time INT UNSIGNED NOT NULL, basket BIGINT UNSIGNED NOT NULL
) ENGINE = Aria TRANSACTIONAL = 0;
LOAD DATA INFILE '@FOLDER@/load/items.csv' INTO TABLE item_rows CHARACTER SET utf8mb4
    FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"' ESCAPED BY '' IGNORE 1 LINES;
LOAD DATA INFILE '@FOLDER@/load/events.csv' INTO TABLE event_rows CHARACTER SET utf8mb4
    FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"' ESCAPED BY '' IGNORE 1 LINES;

-- The largest first.
INSERT INTO departments (name) SELECT department FROM item_rows GROUP BY department ORDER BY COUNT(*) DESC, department;
INSERT INTO categories (department_id, name)
    SELECT DISTINCT departments.id, category FROM item_rows JOIN departments ON departments.name = department
    ORDER BY departments.id, category;
INSERT INTO orders
    SELECT basket, MIN(user), FROM_UNIXTIME(MIN(time)) FROM event_rows WHERE event = 'purchase' GROUP BY basket;
-- In the order of the key, which is quickest; a product that is in an order twice counts as two.
INSERT INTO order_items
    SELECT basket, event_rows.item, GREATEST(weight, 1), price
    FROM event_rows JOIN item_rows ON item_rows.item = event_rows.item
    WHERE event = 'purchase' ORDER BY basket, event_rows.item
    ON DUPLICATE KEY UPDATE quantity = quantity + VALUES(quantity);
INSERT INTO clicks (customer_id, product_id, kind, clicked_at)
    SELECT user, item, event, FROM_UNIXTIME(time) FROM event_rows WHERE event <> 'purchase';
INSERT INTO products
    -- Where a title ends with the brand, pages show that apart.
    SELECT item, categories.id,
        IF(title LIKE CONCAT('_%, ', brand), LEFT(title, CHAR_LENGTH(title) - CHAR_LENGTH(brand) - 2), title),
        brand, price, COALESCE(times, 0)
    FROM item_rows
    JOIN departments ON departments.name = department
    JOIN categories ON department_id = departments.id AND categories.name = category
    LEFT JOIN (SELECT product_id, COUNT(*) AS times FROM order_items GROUP BY product_id) AS counts ON product_id = item;
INSERT INTO customers SELECT customer_id, COUNT(*), MAX(ordered_at) FROM orders GROUP BY customer_id;
DROP TEMPORARY TABLE item_rows, event_rows;

-- Sorted at once, which is quicker than row by row.
ALTER TABLE products ADD KEY (category_id, sold);
ALTER TABLE orders ADD KEY (customer_id, ordered_at);
ALTER TABLE customers ADD KEY (orders);
ANALYZE TABLE departments, categories, products, customers, orders, order_items;

-- Pages read, and write carts. Training reads.
CREATE OR REPLACE USER page@localhost IDENTIFIED BY '@PAGE_PASSWORD@';
GRANT SELECT ON shop.departments TO page@localhost;
GRANT SELECT ON shop.categories TO page@localhost;
GRANT SELECT ON shop.products TO page@localhost;
GRANT SELECT ON shop.customers TO page@localhost;
GRANT SELECT ON shop.orders TO page@localhost;
GRANT SELECT ON shop.order_items TO page@localhost;
GRANT SELECT, INSERT, UPDATE, DELETE ON shop.cart_items TO page@localhost;
CREATE OR REPLACE USER training@localhost IDENTIFIED BY '@TRAINING_PASSWORD@';
GRANT SELECT ON shop.* TO training@localhost;
