<?php

declare(strict_types=1);

namespace Shop;

use PDO;

/**
 * What the shop sells and to whom, read from the database. Values reach SQL as parameters of prepared statements only.
 *
 * @phpstan-type Card array{id: int, title: string, price: string, category_id: int}
 * @phpstan-type Product array{id: int, title: string, brand: string, price: string, sold: int, category_id: int,
 *     category: string, department_id: int, department: string}
 */
final class Catalogue
{
    public function __construct(private readonly PDO $database)
    {
    }

    /** @return list<array{id: int, name: string}> the largest first */
    public function departments(): array
    {
        return $this->rows('SELECT id, name FROM departments ORDER BY id');
    }

    /** @return array{id: int, name: string}|null */
    public function department(int $id): ?array
    {
        return $this->rows('SELECT id, name FROM departments WHERE id = ?', [$id])[0] ?? null;
    }

    /** @return list<array{id: int, name: string, products: int}> the best selling first */
    public function categories(int $department): array
    {
        return $this->rows('SELECT categories.id, name, COUNT(*) AS products
            FROM categories JOIN products ON category_id = categories.id
            WHERE department_id = ? GROUP BY categories.id ORDER BY SUM(sold) DESC', [$department]);
    }

    /** @return array{id: int, name: string, department_id: int, department: string}|null */
    public function category(int $id): ?array
    {
        return $this->rows('SELECT categories.id, categories.name, department_id, departments.name AS department
            FROM categories JOIN departments ON departments.id = department_id WHERE categories.id = ?', [$id])[0] ?? null;
    }

    /** @return array<int, Card> what sells best in a category, by id */
    public function bestsellers(int $category, int $limit): array
    {
        return array_column($this->rows('SELECT id, title, price, category_id FROM products
            WHERE category_id = ? ORDER BY sold DESC LIMIT ?', [$category, $limit]), null, 'id');
    }

    /** @return Product|null */
    public function product(int $id): ?array
    {
        return $this->rows('SELECT products.id, title, brand, price, sold, category_id, categories.name AS category,
            department_id, departments.name AS department
            FROM products JOIN categories ON categories.id = category_id
            JOIN departments ON departments.id = department_id WHERE products.id = ?', [$id])[0] ?? null;
    }

    /**
     * @param list<int|string> $ids
     *
     * @return array<int, Card> by id; ids that the shop does not sell any more are missing
     */
    public function cards(array $ids): array
    {
        if ($ids === []) {
            return [];
        }
        $places = implode(',', array_fill(0, count($ids), '?'));

        return array_column(
            $this->rows("SELECT id, title, price, category_id FROM products WHERE id IN ($places)", $ids), null, 'id',
        );
    }

    /** @return list<array{id: int, orders: int, last_order: string}> those who ordered most, from a place on */
    public function customers(int $from, int $limit): array
    {
        return $this->rows('SELECT id, orders, last_order FROM customers ORDER BY orders DESC, id LIMIT ? OFFSET ?', [$limit, $from]);
    }

    public function isCustomer(int $id): bool
    {
        return $this->rows('SELECT 1 FROM customers WHERE id = ?', [$id]) !== [];
    }

    /** What a customer bought last; null if nothing. */
    public function lastBought(int $customer): ?int
    {
        return $this->rows('SELECT product_id FROM orders JOIN order_items ON order_id = orders.id
            WHERE customer_id = ? ORDER BY ordered_at DESC, product_id LIMIT 1', [$customer])[0]['product_id'] ?? null;
    }

    /**
     * @param list<int|string> $parameters
     *
     * @return list<array<string, mixed>>
     */
    private function rows(string $sql, array $parameters = []): array
    {
        $statement = $this->database->prepare($sql);
        $statement->execute($parameters);

        return $statement->fetchAll();
    }
}
