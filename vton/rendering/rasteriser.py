"""Compiled geometry kernels: skinning, smoothing, normals, a z-buffer and interpolation over its pixels.

Meshes are float32 vertices (V, 3) and int32 triangles (T, 3). All kernels run on one core.
"""

import numpy as np
from numba import njit

EMPTY_DEPTH = np.float32(1e9)
"""Depth of pixels that no triangle covers."""


@njit(cache=True, fastmath=True)
def skin(vertices, bone_indices, bone_weights, transforms):
    """Linear blend skinning.

    Args:
        vertices: float32 (V, 3) in the rest pose.
        bone_indices, bone_weights: (V, K), weights sum to 1.
        transforms: float32 (B, 3, 4), rest space → posed space of each bone.
    """
    posed = np.empty_like(vertices)
    for i in range(vertices.shape[0]):
        x, y, z = vertices[i, 0], vertices[i, 1], vertices[i, 2]
        for row in range(3):
            total = np.float32(0)
            for k in range(bone_indices.shape[1]):
                weight = bone_weights[i, k]
                if weight != 0:
                    bone = transforms[bone_indices[i, k], row]
                    total += weight * (bone[0] * x + bone[1] * y + bone[2] * z + bone[3])
            posed[i, row] = total
    return posed


@njit(cache=True, fastmath=True)
def vertex_normals(vertices, triangles):
    """Unit normals (V, 3), triangles weighted by area."""
    normals = np.zeros_like(vertices)
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay, az = vertices[i, 0], vertices[i, 1], vertices[i, 2]
        bx, by, bz = vertices[j, 0] - ax, vertices[j, 1] - ay, vertices[j, 2] - az
        cx, cy, cz = vertices[k, 0] - ax, vertices[k, 1] - ay, vertices[k, 2] - az
        nx, ny, nz = by * cz - bz * cy, bz * cx - bx * cz, bx * cy - by * cx
        for v in (i, j, k):
            normals[v, 0] += nx
            normals[v, 1] += ny
            normals[v, 2] += nz
    for v in range(vertices.shape[0]):
        length = np.sqrt(normals[v, 0] ** 2 + normals[v, 1] ** 2 + normals[v, 2] ** 2) + np.float32(1e-12)
        for d in range(3):
            normals[v, d] /= length
    return normals


@njit(cache=True, fastmath=True)
def smooth(vertices, offsets, neighbours, iterations, strength):
    """Laplacian smoothing; neighbours of vertex v are neighbours[offsets[v]:offsets[v + 1]]."""
    current, following = vertices.copy(), vertices.copy()
    for _ in range(iterations):
        for v in range(vertices.shape[0]):
            count = offsets[v + 1] - offsets[v]
            if count == 0:
                continue
            for d in range(3):
                total = np.float32(0)
                for n in range(offsets[v], offsets[v + 1]):
                    total += current[neighbours[n], d]
                following[v, d] = current[v, d] + strength * (total / count - current[v, d])
        current, following = following, current
    return current


@njit(cache=True, fastmath=True)
def rasterise(points, cover, triangles, height, width):
    """Draw triangles into a z-buffer.

    Args:
        points: float32 (V, 3), x and y in pixels (pixel centres at .5) and depth (smaller is nearer).
        cover: float32 (V,); a pixel is drawn only where the interpolated cover is at least 0.

    Returns:
        depth float32 (H, W), triangle int32 (H, W) or -1, barycentric float32 (H, W, 2) of the 2nd and 3rd corner.
    """
    depth = np.full((height, width), np.float32(1e9), np.float32)
    drawn = np.full((height, width), np.int32(-1), np.int32)
    barycentric = np.zeros((height, width, 2), np.float32)
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        if cover[i] < 0 and cover[j] < 0 and cover[k] < 0:
            continue
        ax, ay = points[i, 0], points[i, 1]
        bx, by = points[j, 0] - ax, points[j, 1] - ay
        cx, cy = points[k, 0] - ax, points[k, 1] - ay
        area = bx * cy - by * cx
        if abs(area) < 1e-9:
            continue
        left = max(0, int(np.ceil(ax + min(np.float32(0), bx, cx) - 0.5)))
        right = min(width - 1, int(np.floor(ax + max(np.float32(0), bx, cx) - 0.5)))
        top = max(0, int(np.ceil(ay + min(np.float32(0), by, cy) - 0.5)))
        bottom = min(height - 1, int(np.floor(ay + max(np.float32(0), by, cy) - 0.5)))
        for y in range(top, bottom + 1):
            for x in range(left, right + 1):
                px, py = x + 0.5 - ax, y + 0.5 - ay
                u, v = (px * cy - py * cx) / area, (bx * py - by * px) / area
                w = 1 - u - v
                if u < 0 or v < 0 or w < 0:
                    continue
                z = w * points[i, 2] + u * points[j, 2] + v * points[k, 2]
                if z >= depth[y, x] or w * cover[i] + u * cover[j] + v * cover[k] < 0:
                    continue
                depth[y, x], drawn[y, x] = z, t
                barycentric[y, x, 0], barycentric[y, x, 1] = u, v
    return depth, drawn, barycentric


@njit(cache=True, fastmath=True)
def interpolate(pixels, drawn, barycentric, triangles, attributes):
    """Vertex attributes (V, C) at the drawn pixels, float32 (N, C).

    Args:
        pixels: int (N,), flat indices of pixels that a triangle covers.
        drawn: int32 (H * W,) and barycentric float32 (H * W, 2), flattened, from `rasterise`.
    """
    channels = attributes.shape[1]
    values = np.empty((pixels.shape[0], channels), np.float32)
    for n in range(pixels.shape[0]):
        pixel = pixels[n]
        t = drawn[pixel]
        u, v = barycentric[pixel, 0], barycentric[pixel, 1]
        w = 1 - u - v
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        for c in range(channels):
            values[n, c] = w * attributes[i, c] + u * attributes[j, c] + v * attributes[k, c]
    return values


@njit(cache=True, fastmath=True)
def light_pixels(colour, normal, gloss, occluded, lamp, halfway, ambient, wrap, strength, tint):
    """Lit colours (N, 3): wrapped diffuse and sheen.

    Args:
        colour, normal: float32 (N, 3); gloss, occluded: float32 (N,), occluded is a factor on the light.
        lamp, halfway: float32 (3,), unit vectors towards the lamp and between lamp and camera.
    """
    lit = np.empty_like(colour)
    for n in range(colour.shape[0]):
        x, y, z = normal[n, 0], normal[n, 1], normal[n, 2]
        length = np.sqrt(x * x + y * y + z * z) + np.float32(1e-6)
        x, y, z = x / length, y / length, z / length
        facing = x * lamp[0] + y * lamp[1] + z * lamp[2]
        diffuse = max(np.float32(0), (facing + wrap) / (1 + wrap))
        bright = ambient * (np.float32(0.88) + np.float32(0.12) * z) + (np.float32(1.08) - ambient) * diffuse * strength
        shine = np.float32(0)
        if gloss[n] > 0:
            mirrored = max(np.float32(0), x * halfway[0] + y * halfway[1] + z * halfway[2])
            shine = mirrored**24 * gloss[n]
        for c in range(3):
            lit[n, c] = colour[n, c] * bright * occluded[n] * tint[c] + shine
    return lit


@njit(cache=True, fastmath=True)
def ring_supports(points, levels, half_window, directions):
    """Support functions of a point cloud's horizontal slices.

    Args:
        points: float32 (N, 3).
        levels: float32 (M,), heights of the slices; points within half_window of one count.
        directions: float32 (K, 2), unit vectors in the x-y plane.

    Returns:
        support (M, K), the extent from the slice's centre along each direction, which belongs to its convex hull;
        reach (M, K), the radius of the farthest point in each direction's sector, 0 where a sector is empty; and the
        centres (M, 2). Empty slices repeat the one before.
    """
    slices, count = levels.shape[0], directions.shape[0]
    support = np.zeros((slices, count), np.float32)
    reach = np.zeros((slices, count), np.float32)
    centres = np.zeros((slices, 2), np.float32)
    for m in range(slices):
        low = np.array([1e9, 1e9], np.float32)
        high = np.array([-1e9, -1e9], np.float32)
        found = 0
        for n in range(points.shape[0]):
            if abs(points[n, 2] - levels[m]) < half_window:
                found += 1
                for d in range(2):
                    low[d] = min(low[d], points[n, d])
                    high[d] = max(high[d], points[n, d])
        if found < 6:
            if m > 0:
                support[m], reach[m], centres[m] = support[m - 1], reach[m - 1], centres[m - 1]
            continue
        centres[m] = (low + high) / 2
        for n in range(points.shape[0]):
            if abs(points[n, 2] - levels[m]) < half_window:
                x, y = points[n, 0] - centres[m, 0], points[n, 1] - centres[m, 1]
                nearest, best = 0, np.float32(-1)
                for k in range(count):
                    extent = x * directions[k, 0] + y * directions[k, 1]
                    support[m, k] = max(support[m, k], extent)
                    if extent > best:
                        nearest, best = k, extent
                reach[m, nearest] = max(reach[m, nearest], best)
    return support, reach, centres
