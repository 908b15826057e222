<?php

declare(strict_types=1);

if (!function_exists('storage_path')) {
    /** As Laravel's Foundation has it, of which the tests need nothing else. */
    function storage_path(string $path = ''): string
    {
        return "/srv/shop/storage/$path";
    }
}
